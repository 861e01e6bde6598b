// Random Load and Store commands: legal ones of every kind, and ones that are refused.
#pragma once

#include "transfer_memory.h"

#include <algorithm>

constexpr int kNibbles[16] = {8, 4, 4, 2, 2, 8, 4, 2, 2, 1, 1, 1, 16, 4, 16, 2};
constexpr int kBits64 = 12, kFixed54 = 14, kE8M0 = 15;

struct TransferCommand {
    bool isStore;
    uint32_t words[8];
    uint32_t descriptor[32];

    int globalFormat() const { return static_cast<int>(descriptor[2] & 31); }
    int localFormat() const { return static_cast<int>(descriptor[2] >> 5 & 31); }
    int gather() const { return static_cast<int>(descriptor[2] >> 10 & 7); }
    int reduction() const { return static_cast<int>(descriptor[2] >> 13 & 7); }
};

class CommandMaker {
public:
    CommandMaker(Random &random, Memories &memories) : random_(random), memories_(memories) {}

    TransferCommand make() {
        TransferCommand c = {};
        c.isStore = random_.oneIn(2);
        chooseFormats(c);
        chooseShape(c);
        int gathered = c.gather() - 1;
        // A destination's elements lie apart, unless a reduction combines them, but for a few: of
        // those that share bytes the last one stays.
        bool isApart = c.reduction() == 0 && !random_.oneIn(8);
        chooseStrides(c, c.descriptor + 19, kNibbles[c.localFormat()], !c.isStore && isApart, -1);
        chooseStrides(
            c, c.descriptor + 14, kNibbles[c.globalFormat()], c.isStore && isApart, gathered);
        placeLocal(c);
        if (gathered >= 0) placeTable(c, gathered);
        placeGlobal(c);
        if (random_.oneIn(6)) spoil(c);
        return c;
    }

private:
    void chooseFormats(TransferCommand &c) {
        uint32_t global, local, reduction = 0;
        do {
            global = static_cast<uint32_t>(random_.below(16));
            local = random_.oneIn(3) ? global : static_cast<uint32_t>(random_.below(16));
            if (c.isStore && random_.oneIn(3)) reduction = static_cast<uint32_t>(random_.below(4));
            if (random_.oneIn(12)) global = local = kBits64;
        } while (global == kFixed54 || (local == kFixed54 && !c.isStore)
            || (global == kBits64) != (local == kBits64)
            || (reduction != 0 && (global == kBits64 || global == kE8M0)));
        uint32_t gather = random_.oneIn(3) ? static_cast<uint32_t>(random_.between(1, 5)) : 0;
        c.descriptor[2] = global | local << 5 | gather << 10 | reduction << 13;
        if (!c.isStore) c.descriptor[3] = static_cast<uint32_t>(random_.next());
        else if (random_.oneIn(4)) c.descriptor[3] = static_cast<uint32_t>(random_.next());
    }

    void chooseShape(TransferCommand &c) {
        uint32_t rank = static_cast<uint32_t>(random_.between(1, 5)), elements = 1;
        for (uint32_t d = 0; d < 5; d++) {
            uint32_t limit = d == 0 && random_.oneIn(4) ? 120 : 7;
            uint32_t count = d < rank ? static_cast<uint32_t>(random_.between(1, limit)) : 1;
            if (elements * count > 400) count = 1;
            elements *= count;
            c.descriptor[9 + d] = count;
        }
        if (random_.oneIn(40)) c.descriptor[9 + random_.below(5)] = 0;
        for (uint32_t d = 0; d < 5; d++) {
            int64_t count = c.descriptor[9 + d];
            // Half of the boxes lie inside; others stick out on one side or both.
            int64_t before = random_.oneIn(4) ? random_.between(0, 3) : 0;
            int64_t extent = count + random_.between(0, 2);
            if (random_.oneIn(4)) extent = random_.between(0, count + 1);
            if (random_.oneIn(30)) before = random_.between(-count - 2, count + 2);
            if (d >= rank && !random_.oneIn(8)) before = 0, extent = std::max<int64_t>(extent, 1);
            int64_t coordinate = random_.oneIn(2) ? random_.between(0, 2) : -before;
            if (coordinate > 0 && random_.oneIn(2)) extent += coordinate;
            c.descriptor[4 + d] = static_cast<uint32_t>(extent);
            coordinates_[d] = coordinate;
        }
    }

    /// Strides of dimensions in a drawn order, each beyond what the ones before span; dense, padded
    /// or, for sources, anything small.
    void chooseStrides(
        TransferCommand &c, uint32_t *strides, int nibbles, bool isDistinct, int gathered) {
        int order[5] = {0, 1, 2, 3, 4};
        if (!random_.oneIn(2))
            for (int i = 4; i > 0; i--) std::swap(order[i], order[random_.below(i + 1)]);
        bool isNibble = nibbles == 1;
        int64_t unit = isNibble ? 1 : nibbles / 2, reach = unit;
        bool isDense = random_.oneIn(2), isAligned = random_.oneIn(2);
        for (int d : order) {
            int64_t count = std::max<int64_t>(c.descriptor[9 + d], 1);
            if (d == gathered) count = std::max<int64_t>(c.descriptor[4 + d], 1);
            int64_t stride = reach;
            if (!isDense) stride += random_.between(0, 9) * (isAligned ? unit : 1);
            if (!isDistinct && random_.oneIn(8)) stride = random_.between(-2 * unit, 2 * unit);
            reach += (count - 1) * std::abs(stride);
            strides[d] = static_cast<uint32_t>(random_.oneIn(8) ? -stride : stride);
        }
    }

    /// The lowest and highest offset of elements, in bytes, rounded outwards.
    static void span(const uint32_t *counts, const uint32_t *strides, const int64_t *first,
        int nibbles, int64_t *low, int64_t *high) {
        int64_t a = 0, b = 0;
        for (int d = 0; d < 5; d++) {
            int64_t stride = static_cast<int32_t>(strides[d]);
            int64_t begin = first[d] * stride;
            int64_t end = (first[d] + std::max<int64_t>(counts[d], 1) - 1) * stride;
            a += std::min(begin, end);
            b += std::max(begin, end);
        }
        *low = nibbles == 1 ? a >> 1 : a;
        *high = (nibbles == 1 ? (b >> 1) + 1 : b + nibbles / 2);
    }

    /// Where `span` bytes begin in a memory; at its ends now and then, or a byte beyond them.
    int64_t placeIn(int64_t bytes, int64_t span) {
        int64_t room = std::max<int64_t>(bytes - span, 0);
        if (random_.oneIn(6)) {
            int64_t beyond = random_.oneIn(3) ? 1 : 0;
            return random_.oneIn(2) ? -beyond : room + beyond;
        }
        int64_t start = random_.between(0, room);
        return random_.oneIn(2) ? start & ~INT64_C(7) : start;
    }

    void placeLocal(TransferCommand &c) {
        int64_t low, high, zero[5] = {};
        span(c.descriptor + 9, c.descriptor + 19, zero, kNibbles[c.localFormat()], &low, &high);
        bool isAccumulator = random_.oneIn(4);
        // Index tables have the scratchpad's upper half.
        int64_t bytes = c.gather() != 0 ? kScratchpadBytes / 2 : kScratchpadBytes;
        int64_t start = placeIn(isAccumulator ? kAccumulatorBytes : bytes, high - low);
        c.words[3] = static_cast<uint32_t>((isAccumulator ? 0x40000000 : 0) + start - low);
        c.words[2] = 64;
        for (int d = 0; d < 3; d++) c.words[4 + d] = static_cast<uint32_t>(coordinates_[d]);
        c.words[7] = static_cast<uint32_t>(
            (coordinates_[3] & 0xFFFF) | (coordinates_[4] & 0xFFFF) << 16);
    }

    /// In the scratchpad's upper half; entries from a little below zero to a little past the end.
    void placeTable(TransferCommand &c, int gathered) {
        int64_t count = c.descriptor[9 + gathered], extent = c.descriptor[4 + gathered];
        int64_t coordinate = coordinates_[gathered];
        int64_t first = random_.between(kScratchpadBytes / 2, kScratchpadBytes - 4 * count - 8);
        if (random_.oneIn(2)) first &= ~INT64_C(3);
        c.descriptor[24] = static_cast<uint32_t>(first - 4 * coordinate);
        std::vector<int32_t> distinct(static_cast<size_t>(extent));
        for (size_t i = 0; i < distinct.size(); i++) distinct[i] = static_cast<int32_t>(i);
        for (size_t i = distinct.size(); i > 1; i--)
            std::swap(distinct[i - 1], distinct[random_.below(i)]);
        bool mayRepeat = !c.isStore || c.reduction() != 0;
        for (int64_t j = 0; j < count; j++) {
            int32_t entry = -1;
            int64_t last = std::max<int64_t>(extent - 1, 0);
            if (mayRepeat) entry = static_cast<int32_t>(random_.between(0, last));
            else if (!distinct.empty()) entry = distinct.back(), distinct.pop_back();
            if (random_.oneIn(6)) entry = static_cast<int32_t>(random_.between(-2, -1));
            if (random_.oneIn(12)) entry = static_cast<int32_t>(extent + random_.between(0, 3));
            if (random_.oneIn(30)) entry = static_cast<int32_t>(random_.next());
            // A scatter without reduction writes each place once; a drawn entry might repeat one.
            if (!mayRepeat && entry >= 0 && entry < extent
                && std::count(distinct.begin(), distinct.end(), entry) != 0)
                distinct.erase(std::find(distinct.begin(), distinct.end(), entry));
            memcpy(memories_.local(static_cast<uint32_t>(first + 4 * j)), &entry, 4);
        }
    }

    void placeGlobal(TransferCommand &c) {
        int64_t low, high, first[5];
        uint32_t counts[5];
        for (int d = 0; d < 5; d++) {
            // The whole tensor fits where the box does.
            int64_t begin = std::max<int64_t>(coordinates_[d], 0);
            int64_t extent = c.descriptor[4 + d];
            int64_t end = std::min<int64_t>(coordinates_[d] + c.descriptor[9 + d], extent);
            if (d == c.gather() - 1) begin = 0, end = c.descriptor[4 + d];
            first[d] = begin;
            counts[d] = static_cast<uint32_t>(std::max<int64_t>(end - begin, 1));
        }
        span(counts, c.descriptor + 14, first, kNibbles[c.globalFormat()], &low, &high);
        bool isWindow = random_.oneIn(5);
        int64_t bytes = static_cast<int64_t>(isWindow ? kScratchpadBytes : kArenaBytes);
        int64_t start = placeIn(bytes, high - low);
        uint64_t base = memories_.arenaBase;
        // Not the core's own scratchpad: a Load that reads what it writes has no order.
        if (isWindow) base = UINT64_C(1) << 40 | random_.between(1, kCores - 1) << 32;
        base += static_cast<uint64_t>(start - low);
        c.descriptor[0] = static_cast<uint32_t>(base);
        c.descriptor[1] = static_cast<uint32_t>(base >> 32);
    }

    /// One thing that is refused, or may be.
    void spoil(TransferCommand &c) {
        uint32_t *d = c.descriptor;
        uint32_t any = static_cast<uint32_t>(random_.next());
        uint32_t large = static_cast<uint32_t>(random_.between(1, 1 << 20)) << random_.below(12);
        uint32_t special = static_cast<uint32_t>(random_.oneIn(2) ? kFixed54 : kBits64);
        uint64_t reserved = random_.oneIn(2) ? 2 : 25 + random_.below(7);
        switch (random_.below(16)) {
        case 0: d[reserved] |= 1u << random_.between(16, 31); break;
        case 1: d[2] |= 1u << (random_.oneIn(2) ? 4 : 9); break;
        case 2: d[2] |= 7u << 10; break;
        case 3: d[2] |= 7u << 13; break;
        case 4: d[4 + random_.below(10)] |= 0x80000000; break;
        case 5: d[2] = (d[2] & ~31u) | special; break;
        case 6: d[2] = (d[2] & ~(31u << 5)) | special << 5; break;
        case 7: for (int i = 0; i < 3; i++) d[9 + random_.below(5)] = large; break;
        case 8: d[19 + random_.below(5)] = any; break;
        case 9: c.words[3] = random_.oneIn(2) ? any : c.words[3] + large; break;
        case 10: d[14 + random_.below(5)] = any; break;
        case 11: d[random_.below(2)] = any; break;
        case 12: d[0] += static_cast<uint32_t>(random_.between(-70000, 70000)); break;
        case 13: d[24] = random_.oneIn(2) ? any : c.words[3]; break;
        case 14: d[4 + random_.below(5)] += large; break;
        default: d[1] = 0x100u | static_cast<uint32_t>(random_.below(6)) | (any & 0x600); break;
        }
        if (random_.oneIn(4)) spoil(c);
    }

    Random &random_;
    Memories &memories_;
    int64_t coordinates_[5] = {};
};
