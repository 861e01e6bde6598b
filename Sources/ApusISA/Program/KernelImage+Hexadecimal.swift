extension KernelImage {
    /// An image whose ELF is given in hexadecimal digits; other characters are skipped.
    ///
    /// Generated sources hold images so: a string literal compiles in no time, an array does not.
    public init(hexadecimal: String, entries: [String: UInt32]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hexadecimal.utf8.count / 2)
        var high: UInt8?
        for character in hexadecimal.utf8 {
            let digit: UInt8
            switch character {
            case 0x30...0x39: digit = character - 0x30
            case 0x61...0x66: digit = character - 0x61 + 10
            default: continue
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        self.init(elf: bytes, entries: entries)
    }
}
