/// The wide type that elements are computed in: `Double` for floating-point types, `Int64`
/// (wrapping) for integers and `bool`.
///
/// Every value of a type fits its lane exactly, except that `uint64` keeps its bits. The basic
/// operations rounded to binary64 and then to 32 bits or fewer are the correctly rounded ones.
protocol Lane: BitwiseCopyable, Comparable {
    static var zero: Self { get }
    static var one: Self { get }

    /// Widens `count` elements, `stride` bytes apart; they need not be aligned.
    static func load(
        _ type: ElementType, from source: UnsafeRawPointer, stride: Int, count: Int,
        to lane: UnsafeMutablePointer<Self>)

    /// Rounds or wraps `count` numbers to contiguous elements.
    static func store(
        _ type: ElementType, from lane: UnsafePointer<Self>, count: Int,
        to destination: UnsafeMutableRawPointer)

    static func add(_ left: Self, _ right: Self) -> Self
    static func multiply(_ left: Self, _ right: Self) -> Self
}

extension Double: Lane {
    static var one: Double { 1 }
    @inline(__always) static func add(_ left: Double, _ right: Double) -> Double { left + right }
    @inline(__always)
    static func multiply(_ left: Double, _ right: Double) -> Double { left * right }

    static func load(
        _ type: ElementType, from source: UnsafeRawPointer, stride: Int, count: Int,
        to lane: UnsafeMutablePointer<Double>
    ) {
        switch type {
        case .float64: widen(source, stride, count, lane) { (element: Double) in element }
        case .float32: widen(source, stride, count, lane) { (element: Float) in Double(element) }
        case .float16: widen(source, stride, count, lane) { (element: Float16) in Double(element) }
        case .bfloat16:
            widen(source, stride, count, lane) { (bits: UInt16) in
                Double(Float(bitPattern: UInt32(bits) << 16))
            }
        default:
            guard let decode = type.smallFloatDecoder else {
                preconditionFailure("\(type) is not a floating-point type")
            }
            widen(source, stride, count, lane) { (code: UInt8) in decode(code) }
        }
    }

    static func store(
        _ type: ElementType, from lane: UnsafePointer<Double>, count: Int,
        to destination: UnsafeMutableRawPointer
    ) {
        store(type, Conversion(to: type), from: lane, count: count, to: destination)
    }

    /// Stores by the rules of a conversion.
    static func store(
        _ type: ElementType, _ conversion: Conversion, from lane: UnsafePointer<Double>,
        count: Int, to destination: UnsafeMutableRawPointer
    ) {
        switch type {
        case .float64:
            narrow(lane, count, destination) { $0.isNaN ? Double.nan : $0 }
        case .float32:
            narrow(lane, count, destination) { $0.isNaN ? Float.nan : Float($0) }
        case .float16:
            narrow(lane, count, destination) { $0.isNaN ? Float16.nan : Float16($0) }
        case .bfloat16:
            narrow(lane, count, destination) {
                FloatLayout.bfloat16.encode($0, .nearestEven, saturates: false)
            }
        case .float8e8m0:
            narrow(lane, count, destination) {
                ExponentScale.encode($0, conversion.rounding, saturates: conversion.saturates)
            }
        default:
            guard let layout = type.smallFloatLayout else {
                preconditionFailure("\(type) is not a floating-point type")
            }
            narrow(lane, count, destination) {
                UInt8(layout.encode($0, conversion.rounding, saturates: conversion.saturates))
            }
        }
    }
}

extension Int64: Lane {
    static var one: Int64 { 1 }
    @inline(__always) static func add(_ left: Int64, _ right: Int64) -> Int64 { left &+ right }
    @inline(__always)
    static func multiply(_ left: Int64, _ right: Int64) -> Int64 { left &* right }

    static func load(
        _ type: ElementType, from source: UnsafeRawPointer, stride: Int, count: Int,
        to lane: UnsafeMutablePointer<Int64>
    ) {
        switch type {
        case .bool, .uint2, .uint4, .uint8:
            widen(source, stride, count, lane) { (element: UInt8) in Int64(element) }
        case .int2, .int4, .int8:
            widen(source, stride, count, lane) { (element: Int8) in Int64(element) }
        case .int16: widen(source, stride, count, lane) { (element: Int16) in Int64(element) }
        case .int32: widen(source, stride, count, lane) { (element: Int32) in Int64(element) }
        case .int64, .uint64: widen(source, stride, count, lane) { (element: Int64) in element }
        case .uint16: widen(source, stride, count, lane) { (element: UInt16) in Int64(element) }
        case .uint32: widen(source, stride, count, lane) { (element: UInt32) in Int64(element) }
        default: preconditionFailure("\(type) is not an integer type")
        }
    }

    static func store(
        _ type: ElementType, from lane: UnsafePointer<Int64>, count: Int,
        to destination: UnsafeMutableRawPointer
    ) {
        switch type {
        case .bool: narrow(lane, count, destination) { UInt8($0 == 0 ? 0 : 1) }
        case .uint2: narrow(lane, count, destination) { UInt8($0 & 3) }
        case .uint4: narrow(lane, count, destination) { UInt8($0 & 15) }
        case .int2: narrow(lane, count, destination) { Int8(truncatingIfNeeded: ($0 << 62) >> 62) }
        case .int4: narrow(lane, count, destination) { Int8(truncatingIfNeeded: ($0 << 60) >> 60) }
        case .int8, .uint8: narrow(lane, count, destination) { UInt8(truncatingIfNeeded: $0) }
        case .int16, .uint16: narrow(lane, count, destination) { UInt16(truncatingIfNeeded: $0) }
        case .int32, .uint32: narrow(lane, count, destination) { UInt32(truncatingIfNeeded: $0) }
        case .int64, .uint64: narrow(lane, count, destination) { $0 }
        default: preconditionFailure("\(type) is not an integer type")
        }
    }
}

extension ElementType {
    /// The layout of a format of 8 bits or fewer that has sign, exponent and fraction.
    var smallFloatLayout: FloatLayout? {
        switch self {
        case .float4e2m1: return .float4e2m1
        case .float8e4m3fn: return .float8e4m3fn
        case .float8e4m3fnuz: return .float8e4m3fnuz
        case .float8e5m2: return .float8e5m2
        case .float8e5m2fnuz: return .float8e5m2fnuz
        default: return nil
        }
    }

    fileprivate var smallFloatDecoder: ((UInt8) -> Double)? {
        if self == .float8e8m0 { return ExponentScale.decode }
        guard let layout = smallFloatLayout else { return nil }
        let mask: UInt16 = self == .float4e2m1 ? 0xF : 0xFF
        let table = (0..<256).map { layout.decode(UInt16($0) & mask) }
        return { table[Int($0)] }
    }
}

@inline(__always)
private func widen<Element: BitwiseCopyable, Wide: BitwiseCopyable>(
    _ source: UnsafeRawPointer, _ stride: Int, _ count: Int, _ lane: UnsafeMutablePointer<Wide>,
    _ convert: (Element) -> Wide
) {
    if stride == 0, count > 0 {
        let value = convert(source.loadUnaligned(as: Element.self))
        lane.update(repeating: value, count: count)
    } else if stride == MemoryLayout<Element>.size {
        for index in 0..<count {
            let offset = index &* MemoryLayout<Element>.size
            lane[index] = convert(source.loadUnaligned(fromByteOffset: offset, as: Element.self))
        }
    } else {
        for index in 0..<count {
            lane[index] = convert(
                source.loadUnaligned(fromByteOffset: index &* stride, as: Element.self))
        }
    }
}

@inline(__always)
private func narrow<Element: BitwiseCopyable, Wide: BitwiseCopyable>(
    _ lane: UnsafePointer<Wide>, _ count: Int, _ destination: UnsafeMutableRawPointer,
    _ convert: (Wide) -> Element
) {
    for index in 0..<count {
        destination.storeBytes(
            of: convert(lane[index]), toByteOffset: index &* MemoryLayout<Element>.size,
            as: Element.self)
    }
}
