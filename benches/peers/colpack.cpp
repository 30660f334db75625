// Colors and times of ColPack on patterns from a file; a peer of numdiff-core's colorings.
//
//   g++ -O2 -o colpack colpack.cpp -lColPack      (Debian: libcolpack-dev)
//   ./colpack < patterns
//
// Input, repeated: "name rows columns nnz kinds", then for each row its length and column
// indices. `kinds` holds letters: c (columns), r (rows), s (star), a (acyclic).
// Output, one line per coloring: name kind order colors seconds (ordering and coloring).
#include <ColPack/ColPackHeaders.h>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

using namespace ColPack;

int main() {
    const char *orders[][2] = {{"NATURAL", "natural"},
                               {"LARGEST_FIRST", "largest-first"},
                               {"SMALLEST_LAST", "smallest-last"},
                               {"INCIDENCE_DEGREE", "incidence-degree"},
                               {"RANDOM", "random"}};
    char name[256], kinds[16];
    unsigned rows, columns;
    unsigned long nnz;
    while (std::scanf("%255s %u %u %lu %15s", name, &rows, &columns, &nnz, kinds) == 5) {
        // ADOL-C's format: each row begins with its length.
        std::vector<unsigned> storage(nnz + rows);
        std::vector<unsigned *> pattern(rows);
        size_t at = 0;
        for (unsigned i = 0; i < rows; i++) {
            pattern[i] = &storage[at];
            unsigned length;
            if (std::scanf("%u", &length) != 1) return 1;
            storage[at++] = length;
            for (unsigned k = 0; k < length; k++)
                if (std::scanf("%u", &storage[at++]) != 1) return 1;
        }
        for (const char *kind = kinds; *kind; kind++)
            for (auto &order : orders) {
                // ColPack talks on standard output.
                std::stringstream silence;
                auto *old = std::cout.rdbuf(silence.rdbuf());
                int colors = 0;
                double seconds = 0;
                auto now = [] { return std::chrono::steady_clock::now(); };
                auto since = [&](auto start) { return std::chrono::duration<double>(now() - start).count(); };
                if (*kind == 'c' || *kind == 'r') {
                    BipartiteGraphPartialColoringInterface graph(SRC_MEM_ADOLC, pattern.data(), rows, columns);
                    auto start = now();
                    graph.PartialDistanceTwoColoring(order[0], *kind == 'c' ? "COLUMN_PARTIAL_DISTANCE_TWO"
                                                                            : "ROW_PARTIAL_DISTANCE_TWO");
                    seconds = since(start);
                    colors = graph.GetVertexColorCount();
                } else {
                    GraphColoringInterface graph(SRC_MEM_ADOLC, pattern.data(), rows);
                    auto start = now();
                    graph.Coloring(order[0], *kind == 's' ? "STAR" : "ACYCLIC");
                    seconds = since(start);
                    colors = graph.GetVertexColorCount();
                }
                std::cout.rdbuf(old);
                std::printf("%s %c %s %d %.6f\n", name, *kind, order[1], colors, seconds);
                std::fflush(stdout);
            }
    }
}
