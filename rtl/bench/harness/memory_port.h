// Global memory behind the chip's AXI4 port: a fixed latency, then a beat in each cycle.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>

/// One cycle: `before` shows what the memory says, `after` takes what the chip says.
class MemoryPort {
public:
    void attach(uint64_t base, uint8_t *host, uint64_t bytes, uint32_t latency) {
        base_ = base, host_ = host, bytes_ = bytes, latency_ = latency;
    }
    void reset() {
        reads_.clear();
        writes_.clear();
        answers_.clear();
        bytesRead = bytesWritten = 0;
    }

    template <typename Top> void before(Top &top) {
        top.axi_arready_i = 1;
        top.axi_awready_i = 1;
        top.axi_wready_i = !writes_.empty();
        top.axi_rvalid_i = !reads_.empty() && reads_.front().due <= cycle_;
        if (top.axi_rvalid_i) {
            const Burst &burst = reads_.front();
            top.axi_rid_i = burst.id;
            top.axi_rdata_i = read(burst.address);
            top.axi_rlast_i = burst.beats == 0;
            top.axi_rresp_i = 0;
        }
        top.axi_bvalid_i = !answers_.empty() && answers_.front().due <= cycle_;
        if (top.axi_bvalid_i) {
            top.axi_bid_i = answers_.front().id;
            top.axi_bresp_i = 0;
        }
    }

    template <typename Top> void after(Top &top) {
        if (top.axi_rvalid_i && top.axi_rready_o) {
            bytesRead += 8;
            Burst &burst = reads_.front();
            burst.address += 8;
            if (burst.beats-- == 0) reads_.pop_front();
        }
        if (top.axi_bvalid_i && top.axi_bready_o) answers_.pop_front();
        if (top.axi_wvalid_o && top.axi_wready_i) {
            Burst &burst = writes_.front();
            write(burst.address, top.axi_wdata_o, top.axi_wstrb_o);
            burst.address += 8;
            if (top.axi_wlast_o) {
                answers_.push_back({burst.id, 0, 0, cycle_ + latency_});
                writes_.pop_front();
            }
        }
        if (top.axi_arvalid_o) {
            reads_.push_back({top.axi_arid_o, top.axi_araddr_o & ~7ull, top.axi_arlen_o,
                              cycle_ + latency_});
        }
        if (top.axi_awvalid_o) {
            writes_.push_back({top.axi_awid_o, top.axi_awaddr_o & ~7ull, top.axi_awlen_o, 0});
        }
        cycle_++;
    }

    uint64_t bytesRead = 0, bytesWritten = 0;

private:
    struct Burst {
        uint8_t id;
        uint64_t address;
        uint32_t beats;
        uint64_t due;
    };

    /// The bytes of a word that lie in memory; the others read as zero and are not written.
    uint64_t read(uint64_t address) const {
        uint64_t word = 0;
        if (address - base_ < bytes_ && bytes_ - (address - base_) >= 8) {
            std::memcpy(&word, host_ + (address - base_), 8);
            return word;
        }
        for (unsigned i = 0; i < 8; i++) {
            uint64_t offset = address + i - base_;
            if (offset < bytes_) word |= static_cast<uint64_t>(host_[offset]) << (8 * i);
        }
        return word;
    }
    void write(uint64_t address, uint64_t word, uint8_t strobe) {
        for (unsigned i = 0; i < 8; i++) {
            uint64_t offset = address + i - base_;
            if (!(strobe >> i & 1)) continue;
            bytesWritten++;
            if (offset < bytes_) host_[offset] = static_cast<uint8_t>(word >> (8 * i));
        }
    }

    uint64_t base_ = 0, bytes_ = 0, cycle_ = 0;
    uint8_t *host_ = nullptr;
    uint32_t latency_ = 1;
    std::deque<Burst> reads_, writes_, answers_;
};
