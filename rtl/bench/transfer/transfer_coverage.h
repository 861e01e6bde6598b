// What the commands of a run hit: pairs of formats, dimensions, reductions, traps.
#pragma once

#include "transfer_command.h"

#include <cstdio>
#include <string>

class Coverage {
public:
    void count(const TransferCommand &c, int cause, bool acts, int64_t elements, int64_t inside) {
        if (cause != 0) {
            causes_[c.isStore][cause]++;
            return;
        }
        if (!acts) {
            empty_++;
            return;
        }
        pairs_[c.isStore][c.localFormat()][c.globalFormat()]++;
        if (c.gather() != 0) gathers_[c.isStore][c.gather() - 1]++;
        if (c.reduction() != 0) reductions_[c.reduction() - 1][c.globalFormat()]++;
        elements_[c.isStore] += static_cast<uint64_t>(elements);
        if (inside == 0) outside_[c.isStore]++;
        else if (inside < elements) clipped_[c.isStore]++;
        for (int d = 0; d < 5; d++) {
            if (c.descriptor[9 + d] <= 1) continue;
            extents_[c.isStore][d]++;
            if (static_cast<int32_t>(c.descriptor[14 + d]) < 0) backwards_++;
        }
    }

    /// The first thing that should have been hit and was not; nullptr if there is none.
    const char *missing() const {
        static std::string name;
        for (int s = 0; s < 2; s++) {
            for (int a = 0; a < 16; a++)
                for (int b = 0; b < 16; b++)
                    if (isLegal(s, a, b) && pairs_[s][a][b] == 0) {
                        name = std::string(s ? "store" : "load") + " local " + std::to_string(a)
                            + " global " + std::to_string(b);
                        return name.c_str();
                    }
            for (int d = 0; d < 5; d++)
                if (gathers_[s][d] == 0 || extents_[s][d] == 0) return "a dimension";
            for (int cause : {2, 4, 5, 7, 8, 9})
                if (causes_[s][cause] == 0) return "a trap";
            if (outside_[s] == 0 || clipped_[s] == 0) return "a box that sticks out";
        }
        if (causes_[0][11] == 0) return "overlap with an index table";
        for (int r = 0; r < 3; r++)
            for (int f = 0; f < 16; f++)
                if (f != kBits64 && f != kFixed54 && f != kE8M0 && reductions_[r][f] == 0)
                    return "a reduction";
        return empty_ == 0 || backwards_ == 0 ? "an empty box, or a negative stride" : nullptr;
    }

    void write(const char *path) const {
        FILE *file = fopen(path, "w");
        if (file == nullptr) return;
        static const char *const causes[16] = {"", "", "reservedBits", "", "unknownCode",
            "unsupportedFormat", "", "badShape", "localBounds", "globalBounds", "", "overlap"};
        static const char *const reductions[3] = {"add", "max", "min"};
        for (int s = 0; s < 2; s++) {
            fprintf(file, "## %s\n\n| local \\ global |", s ? "store" : "load");
            for (const char *name : names_) fprintf(file, " %s |", name);
            fprintf(file, "\n|---|");
            for (int b = 0; b < 16; b++) fprintf(file, "---|");
            for (int a = 0; a < 16; a++) {
                fprintf(file, "\n| %s |", names_[a]);
                for (int b = 0; b < 16; b++) print(file, pairs_[s][a][b]);
            }
            fprintf(file, "\n\n| what | commands |\n|---|---|\n");
            for (int d = 0; d < 5; d++)
                fprintf(file, "| gathers dimension %d | %llu |\n", d, at(gathers_[s][d]));
            for (int d = 0; d < 5; d++)
                fprintf(file, "| extent of dimension %d above 1 | %llu |\n", d, at(extents_[s][d]));
            fprintf(file, "| sticks out | %llu |\n| lies outside | %llu |\n| elements | %llu |\n",
                at(clipped_[s]), at(outside_[s]), at(elements_[s]));
            for (int cause = 0; cause < 16; cause++)
                if (causes_[s][cause] != 0)
                    fprintf(file, "| trap %s | %llu |\n", causes[cause], at(causes_[s][cause]));
            fprintf(file, "\n");
        }
        fprintf(file, "## reductions\n\n| |");
        for (const char *name : names_) fprintf(file, " %s |", name);
        fprintf(file, "\n|---|");
        for (int b = 0; b < 16; b++) fprintf(file, "---|");
        for (int r = 0; r < 3; r++) {
            fprintf(file, "\n| %s |", reductions[r]);
            for (int f = 0; f < 16; f++) print(file, reductions_[r][f]);
        }
        fprintf(file, "\n");
        fclose(file);
    }

private:
    static unsigned long long at(uint64_t count) { return count; }

    static void print(FILE *file, uint64_t count) {
        if (count == 0) fprintf(file, " |");
        else fprintf(file, " %llu |", at(count));
    }

    static bool isLegal(int isStore, int local, int global) {
        return global != kFixed54 && (local != kFixed54 || isStore)
            && (local == kBits64) == (global == kBits64);
    }

    static constexpr const char *names_[16] = {"fp32", "bf16", "fp16", "e4m3", "e5m2", "int32",
        "int16", "int8", "uint8", "int4", "uint4", "e2m1", "bits64", "uint16", "fixed54", "e8m0"};
    uint64_t pairs_[2][16][16] = {}, gathers_[2][5] = {}, extents_[2][5] = {}, causes_[2][16] = {};
    uint64_t reductions_[3][16] = {}, elements_[2] = {}, clipped_[2] = {}, outside_[2] = {};
    uint64_t empty_ = 0, backwards_ = 0;
};
