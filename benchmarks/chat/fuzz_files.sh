#!/bin/sh
# Run truncated and mutated GGUF files and Hugging Face folders through the reader: each must be read
# or refused in one line. Prints `chat.fuzz_files: N`, the files that behaved, if all did; a trap
# ends the tests, and nothing is printed.
set -e
cd "$(dirname "$0")/../.."
# As `make test` builds them; `swift test` alone would build everything again with other flags.
swift build -c release --build-tests > .build/fuzz_files.log 2>&1 || { cat .build/fuzz_files.log >&2; exit 1; }
APUS_SLOW=1 swift test -c release --skip-build --filter MutatedFileTests 2>&1 |
    awk '/chat.fuzz_files part:/ { sum += $NF }
         /Test run with .* passed/ { passed = 1 }
         END { if (!passed) exit 1; print "chat.fuzz_files: " sum }'
