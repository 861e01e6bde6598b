// The memories around a transfer engine under test: local memory behind a port that answers late,
// and an AXI4 memory that answers late too. Delays are drawn, so that every order of events comes.
#pragma once

#include "Vapus_transfer_bench.h"

#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

/// splitmix64.
struct Random {
    uint64_t state;
    uint64_t next() {
        uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
        z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
        return z ^ z >> 31;
    }
    uint64_t below(uint64_t limit) { return next() % limit; }
    int64_t between(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(below(static_cast<uint64_t>(high - low) + 1));
    }
    bool oneIn(uint64_t n) { return below(n) == 0; }
};

constexpr uint32_t kScratchpadBytes = 65536, kAccumulatorBytes = 16384, kCores = 3;
constexpr uint64_t kArenaBytes = 65536 + 32;

/// Everything that commands can read or write.
struct Memories {
    std::vector<uint8_t> scratchpads[kCores], accumulators, arena;
    uint64_t arenaBase = 0;

    Memories() : accumulators(kAccumulatorBytes), arena(kArenaBytes) {
        for (auto &pad : scratchpads) pad.resize(kScratchpadBytes);
    }

    /// The byte at a local address; nullptr outside.
    uint8_t *local(uint32_t address) {
        if (address < kScratchpadBytes) return &scratchpads[0][address];
        if (address >= 0x40000000 && address < 0x40000000 + kAccumulatorBytes)
            return &accumulators[address - 0x40000000];
        return nullptr;
    }

    uint8_t *global(uint64_t address) {
        if (address >= arenaBase && address < arenaBase + kArenaBytes)
            return &arena[address - arenaBase];
        uint64_t core = address >> 32 & 0xFF, byte = address & 0xFFFFFFFF;
        if (address >> 40 == 1 && core < kCores && byte < kScratchpadBytes)
            return &scratchpads[core][byte];
        return nullptr;
    }
};

/// Drives the engine's ports for one cycle after another.
class MemoryModel {
public:
    MemoryModel(Vapus_transfer_bench &unit, Memories &memories, Random &random)
        : unit_(unit), memories_(memories), random_(random) {}

    uint64_t outsideWrites = 0, outsideReads = 0;
    uint64_t readBursts = 0, readBeats = 0, writeBursts = 0, writeBeats = 0;
    /// Of a hundred cycles, those in which something is not ready.
    unsigned stallPercent = 20;

    /// Before the rising edge: what the memories offer in this cycle.
    void offer() {
        unit_.mem_req_ready_i = !stalls();
        unit_.axi_arready_i = !stalls();
        unit_.axi_awready_i = !stalls();
        unit_.axi_wready_i = !stalls();
        unit_.mem_rsp_valid_i = 0;
        if (!localReads_.empty() && localReads_.front().due <= cycle_) {
            unit_.mem_rsp_valid_i = 1;
            unit_.mem_rsp_rdata_i = localReads_.front().data;
        }
        // A beat that was offered stays.
        if (!offersBeat_ && !beats_.empty() && beats_.front().due <= cycle_) offersBeat_ = !stalls();
        unit_.axi_rvalid_i = offersBeat_;
        if (offersBeat_) {
            const Beat &beat = beats_.front();
            if (!beat.isRead) beats_.front() = readBeat(beat);
            unit_.axi_rdata_i = beats_.front().data;
            unit_.axi_rlast_i = beats_.front().isLast;
            unit_.axi_rid_i = unit_.axi_arid_o;
        }
        if (!offersConfirmation_)
            offersConfirmation_ = !confirmations_.empty() && confirmations_.front() <= cycle_;
        unit_.axi_bvalid_i = offersConfirmation_;
    }

    /// After the values have settled, before the edge: what was handed over.
    void take() {
        if (unit_.mem_rsp_valid_i) localReads_.pop_front();
        if (unit_.mem_req_valid_o && unit_.mem_req_ready_i) takeLocal();
        if (unit_.axi_arvalid_o && unit_.axi_arready_i) takeReadAddress();
        if (unit_.axi_rvalid_i && unit_.axi_rready_o) {
            beats_.pop_front();
            offersBeat_ = false;
        }
        if (unit_.axi_awvalid_o && unit_.axi_awready_i) {
            writeBursts++;
            writes_.push_back({unit_.axi_awaddr_o, unit_.axi_awlen_o + 1u});
        }
        if (unit_.axi_wvalid_o && unit_.axi_wready_i)
            words_.push_back({unit_.axi_wdata_o, unit_.axi_wstrb_o});
        if (offersConfirmation_ && unit_.axi_bready_o) {
            confirmations_.pop_front();
            offersConfirmation_ = false;
        }
        write();
        cycle_++;
    }

    bool isQuiet() const {
        return localReads_.empty() && beats_.empty() && writes_.empty() && words_.empty()
            && confirmations_.empty();
    }

private:
    struct Answer { uint64_t due, data; };
    struct Beat { uint64_t due, address, data; bool isLast, isRead; };
    struct Write { uint64_t address; uint32_t left; };
    struct Word { uint64_t data; uint8_t strobe; };

    bool stalls() { return random_.below(100) < stallPercent; }

    void takeLocal() {
        uint32_t address = unit_.mem_req_addr_o;
        if (address % 8 != 0) outsideReads++;
        uint64_t data = 0;
        for (uint32_t i = 0; i < 8; i++) {
            uint8_t *byte = memories_.local(address + i);
            if (unit_.mem_req_write_o && unit_.mem_req_wstrb_o >> i & 1) {
                if (byte == nullptr) outsideWrites++;
                else *byte = static_cast<uint8_t>(unit_.mem_req_wdata_o >> 8 * i);
            } else if (!unit_.mem_req_write_o) {
                if (byte == nullptr) outsideReads++;
                else data |= static_cast<uint64_t>(*byte) << 8 * i;
            }
        }
        if (unit_.mem_req_write_o) return;
        uint64_t due = cycle_ + 1 + (stalls() ? random_.below(6) : 0);
        if (!localReads_.empty() && localReads_.back().due >= due) due = localReads_.back().due + 1;
        localReads_.push_back({due, data});
    }

    void takeReadAddress() {
        readBursts++;
        uint64_t due = cycle_ + 1 + random_.below(12);
        uint32_t count = unit_.axi_arlen_o + 1u;
        readBeats += count;
        for (uint32_t i = 0; i < count; i++)
            beats_.push_back({due, unit_.axi_araddr_o + 8 * i, 0, i + 1 == count, false});
    }

    /// Memory is read when the beat is offered, as late as it can be.
    Beat readBeat(Beat beat) {
        beat.isRead = true;
        bool isAny = false;
        for (uint32_t i = 0; i < 8; i++) {
            uint8_t *byte = memories_.global(beat.address + i);
            isAny |= byte != nullptr;
            uint8_t value = byte == nullptr ? 0xEE : *byte;
            beat.data |= static_cast<uint64_t>(value) << 8 * i;
        }
        if (!isAny) outsideReads++;
        return beat;
    }

    /// Words go to memory in the order of their addresses, which may come after them.
    void write() {
        while (!writes_.empty() && !words_.empty()) {
            Write &burst = writes_.front();
            Word word = words_.front();
            words_.pop_front();
            writeBeats++;
            for (uint32_t i = 0; i < 8; i++) {
                if ((word.strobe >> i & 1) == 0) continue;
                uint8_t *byte = memories_.global(burst.address + i);
                if (byte == nullptr) outsideWrites++;
                else *byte = static_cast<uint8_t>(word.data >> 8 * i);
            }
            burst.address += 8;
            if (--burst.left == 0) {
                writes_.pop_front();
                confirmations_.push_back(cycle_ + 1 + random_.below(8));
            }
        }
    }

    Vapus_transfer_bench &unit_;
    Memories &memories_;
    Random &random_;
    uint64_t cycle_ = 0;
    std::deque<Answer> localReads_;
    std::deque<Beat> beats_;
    std::deque<Write> writes_;
    std::deque<Word> words_;
    std::deque<uint64_t> confirmations_;
    bool offersBeat_ = false, offersConfirmation_ = false;
};
