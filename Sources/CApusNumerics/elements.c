// Values of single elements: through binary64, which holds each exactly, so that one rounding
// remains.
#include "elements.h"

#pragma STDC FP_CONTRACT OFF

enum specials { IEEE, ONLY_NAN, NO_SPECIALS };

/// Widths of the fields of a floating format and which codes are not numbers.
struct layout {
    int exponent_bits, fraction_bits;
    enum specials specials;
};

static struct layout layout_of(int format) {
    switch (format) {
    case APUS_FP32: return (struct layout){8, 23, IEEE};
    case APUS_BF16: return (struct layout){8, 7, IEEE};
    case APUS_FP16: return (struct layout){5, 10, IEEE};
    case APUS_E5M2: return (struct layout){5, 2, IEEE};
    case APUS_E4M3: return (struct layout){4, 3, ONLY_NAN};
    default: return (struct layout){2, 1, NO_SPECIALS};
    }
}

static uint64_t sign_bit(struct layout l) {
    return UINT64_C(1) << (l.exponent_bits + l.fraction_bits);
}

static uint64_t infinity_code(struct layout l) {
    return ((UINT64_C(1) << l.exponent_bits) - 1) << l.fraction_bits;
}

/// The magnitude code of the largest finite number.
static uint64_t finite_code_max(struct layout l) {
    switch (l.specials) {
    case IEEE: return infinity_code(l) - 1;
    case ONLY_NAN: return sign_bit(l) - 2;
    default: return sign_bit(l) - 1;
    }
}

static uint64_t nan_code(struct layout l) {
    switch (l.specials) {
    case IEEE: return infinity_code(l) | UINT64_C(1) << (l.fraction_bits - 1);
    case ONLY_NAN: return sign_bit(l) - 1;
    default: return finite_code_max(l);
    }
}

/// 2^exponent, normal.
static double power_of_two(int exponent) {
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, 8);
    return value;
}

static double float_value(struct layout l, uint64_t bits) {
    double sign = bits & sign_bit(l) ? -1 : 1;
    uint64_t magnitude = bits & (sign_bit(l) - 1);
    if (magnitude > finite_code_max(l))
        return l.specials == IEEE && magnitude == infinity_code(l) ? sign * INFINITY : NAN;
    int bias = (1 << (l.exponent_bits - 1)) - 1;
    int code = (int)(magnitude >> l.fraction_bits);
    uint64_t hidden = UINT64_C(1) << l.fraction_bits;
    uint64_t count = (magnitude & (hidden - 1)) | (code ? hidden : 0);
    int exponent = (code ? code : 1) - bias - l.fraction_bits;
    return sign * (double)count * power_of_two(exponent);
}

double apus_element_value(int format, uint64_t bits) {
    switch (format) {
    case APUS_INT32: return (int32_t)bits;
    case APUS_INT16: return (int16_t)bits;
    case APUS_INT8: return (int8_t)bits;
    case APUS_INT4: return (double)((int64_t)(bits << 60) >> 60);
    case APUS_UINT16: return (uint16_t)bits;
    case APUS_UINT8: return (uint8_t)bits;
    case APUS_UINT4: return (double)(bits & 15);
    case APUS_E8M0: return bits == 255 ? NAN : power_of_two((int)bits - 127);
    case APUS_FIXED54: {
        int64_t count = (int64_t)(bits << 10) >> 10;
        return count == FIXED54_NAN ? NAN : (double)count * 0x1p-18;
    }
    default: return float_value(layout_of(format), bits);
    }
}

static double integral(double value, int rounding) {
    switch (rounding) {
    case APUS_TOWARD_ZERO:
    case APUS_WRAPPING: return trunc(value);
    case APUS_DOWN: return floor(value);
    case APUS_UP: return ceil(value);
    default: return nearbyint(value);
    }
}

static int is_saturating(int rounding) {
    return rounding != APUS_WRAPPING && rounding != APUS_NEAREST_EVEN_UNSATURATED;
}

/// What lies beyond the largest finite number, for 16 and 32 bits by IEEE-754, else by saturation.
static uint64_t overflow_code(struct layout l, int rounding, int is_infinite, uint64_t sign) {
    uint64_t infinity = sign | infinity_code(l), largest = sign | finite_code_max(l);
    if (l.exponent_bits + l.fraction_bits >= 15) {
        if (is_infinite) return infinity;
        switch (rounding) {
        case APUS_TOWARD_ZERO:
        case APUS_WRAPPING: return largest;
        case APUS_DOWN: return sign ? infinity : largest;
        case APUS_UP: return sign ? largest : infinity;
        default: return infinity;
        }
    }
    if (rounding != APUS_NEAREST_EVEN_UNSATURATED) return largest;
    return l.specials == IEEE ? infinity : l.specials == ONLY_NAN ? nan_code(l) : largest;
}

static int exponent_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, 8);
    return (int)(bits >> 52 & 0x7FF) - 1023;
}

static uint64_t float_bits(struct layout l, double value, int rounding) {
    if (value != value) return nan_code(l);
    uint64_t sign = signbit(value) ? sign_bit(l) : 0;
    if (value == 0) return sign;
    if (isinf(value)) return overflow_code(l, rounding, 1, sign);
    int exponent_min = 2 - (1 << (l.exponent_bits - 1));
    int exponent = exponent_of(value);
    if (exponent < exponent_min) exponent = exponent_min;
    double quotient = value * power_of_two(l.fraction_bits - exponent);
    // A count with the hidden bit set carries into the exponent by addition.
    uint64_t code = (uint64_t)fabs(integral(quotient, rounding))
        + ((uint64_t)(exponent - exponent_min) << l.fraction_bits);
    if (code > finite_code_max(l)) return overflow_code(l, rounding, 0, sign);
    return sign | code;
}

static uint64_t integer_bits(int bits, double low, double high, double value, int rounding) {
    if (value != value) return 0;
    double rounded = integral(value, rounding);
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    if (is_saturating(rounding))
        return (uint64_t)(int64_t)(rounded < low ? low : rounded > high ? high : rounded) & mask;
    if (isinf(rounded)) return 0;
    int64_t remainder = (int64_t)fmod(rounded, 0x1p54);
    if (bits == 64) remainder = (int64_t)((uint64_t)remainder << 10) >> 10;
    return (uint64_t)remainder & mask;
}

/// E8M0 holds powers of two alone: at most 2^-127 gives code 0 (zero too), a negative number NaN.
static uint64_t scale_bits(double value, int rounding) {
    if (value != value || value < 0) return 255;
    uint64_t overflow = rounding == APUS_NEAREST_EVEN_UNSATURATED ? 255 : 254;
    if (isinf(value)) return overflow;
    if (value <= 0x1p-127) return 0;
    int exponent = exponent_of(value);
    double significand = value * power_of_two(-exponent);
    int rounds_up = 0;
    if (rounding == APUS_NEAREST_EVEN || rounding == APUS_NEAREST_EVEN_UNSATURATED)
        rounds_up = significand >= 1.5;
    else if (rounding == APUS_UP)
        rounds_up = significand > 1;
    int code = exponent + 127 + rounds_up;
    return code > 254 ? overflow : (uint64_t)code;
}

uint64_t apus_element_bits(int format, double value, int rounding) {
    switch (format) {
    case APUS_INT32: return integer_bits(32, -0x1p31, 0x1p31 - 1, value, rounding);
    case APUS_INT16: return integer_bits(16, -0x1p15, 0x1p15 - 1, value, rounding);
    case APUS_INT8: return integer_bits(8, -128, 127, value, rounding);
    case APUS_INT4: return integer_bits(4, -8, 7, value, rounding);
    case APUS_UINT16: return integer_bits(16, 0, 65535, value, rounding);
    case APUS_UINT8: return integer_bits(8, 0, 255, value, rounding);
    case APUS_UINT4: return integer_bits(4, 0, 15, value, rounding);
    case APUS_E8M0: return scale_bits(value, rounding);
    case APUS_FIXED54:
        if (value != value) return (uint64_t)FIXED54_NAN;
        return integer_bits(64, -0x1p53 + 1, 0x1p53 - 1, value * 0x1p18, rounding);
    default: return float_bits(layout_of(format), value, rounding);
    }
}
