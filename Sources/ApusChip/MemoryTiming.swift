/// How a kind of global memory answers: rows, refresh. Times are of the part, in picoseconds.
public struct MemoryTiming: Sendable, Hashable {
    /// Banks of a channel, and bytes of a row that is open in one of them.
    public var banks: Int
    public var pageBytes: Int
    /// What is moved at least, aligned: a burst.
    public var burstBytes: Int
    /// Bytes of consecutive addresses in one channel.
    public var interleaveBytes: Int
    /// tRCD, tRP, tRAS, CL.
    public var activatePicoseconds: Int
    public var prechargePicoseconds: Int
    public var activePicoseconds: Int
    public var readPicoseconds: Int
    /// tRFC of all banks, and how often: tREFI.
    public var refreshPicoseconds: Int
    public var refreshIntervalPicoseconds: Int
    /// Where the numbers come from.
    public var source: String

    /// The timing of a kind of memory; nil for ``MemoryKind/ideal``, which has none.
    public init?(_ kind: MemoryKind) {
        switch kind {
        case .ideal: return nil
        case .hbm2e:
            self.init(
                banks: 32, pageBytes: 1024, rcd: 14_000, rp: 14_000, ras: 34_000, cl: 14_000,
                rfc: 350_000,
                source: "HBM2 of 8 Gb, Ramulator 2, hbm2.py (JESD235D); both pseudo channels as "
                    + "one, with the 16 banks of each")
        case .hbm3:
            self.init(
                banks: 32, pageBytes: 1024, rcd: 19_380, rp: 16_250, ras: 28_120, cl: 12_500,
                rfc: 350_000,
                source: "HBM3 of 8 Gb, Ramulator 2, hbm3.py (JESD238); pseudo channels likewise")
        case .lpddr5x:
            self.init(
                banks: 16, pageBytes: 2048, rcd: 18_750, rp: 18_750, ras: 42_500, cl: 21_250,
                rfc: 280_000,
                source: "LPDDR5-6400 x16, Ramulator 2, lpddr5.py (RCD 15, RP 15, RAS 34, CL 17 of "
                    + "1.25 ns); refresh chosen: tRFCab of a 16 Gb part")
        }
    }

    private init(
        banks: Int, pageBytes: Int, rcd: Int, rp: Int, ras: Int, cl: Int, rfc: Int, source: String
    ) {
        self.banks = banks
        self.pageBytes = pageBytes
        // 64 bits by 4 beats (HBM2), 32 by 8 (HBM3), 16 by 16 (LPDDR5).
        burstBytes = 32
        // Chosen: eight bursts, a quarter of an HBM row.
        interleaveBytes = 256
        activatePicoseconds = rcd
        prechargePicoseconds = rp
        activePicoseconds = ras
        readPicoseconds = cl
        refreshPicoseconds = rfc
        // tREFI of JESD235D, JESD238 and JESD209-5.
        refreshIntervalPicoseconds = 3_900_000
        self.source = source
    }
}
