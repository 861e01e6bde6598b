#!/bin/sh
# Run truncated and mutated GGUF files and Hugging Face folders through the reader: each must be read
# or refused in one line. Prints `chat.fuzz_files: N`, the files that behaved, if all did; a trap
# ends the tests, and nothing is printed.
set -e
cd "$(dirname "$0")/../.."
APUS_SLOW=1 swift test -c release --filter MutatedFileTests 2>&1 |
    awk '/chat.fuzz_files part:/ { sum += $NF }
         /Test run with .* passed/ { passed = 1 }
         END { if (!passed) exit 1; print "chat.fuzz_files: " sum }'
