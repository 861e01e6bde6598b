rtl/numeric/apus_leading_zeros.sv
rtl/numeric/apus_divide.sv
