# make demo | test | lint | bench    the rest: build, cpp-test, wheel-test, format, clean
# latency-budget | latency-compare BASE=<revision> | bench-peers: see docs/latency.md
# ARGS goes to the command behind a target: make demo ARGS="--seeds 5", make test ARGS="-k cup"
# make test leaves out the slow ones; make test ARGS="-m ''" does not

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifeq ($(origin CXX),default)
CXX := c++
endif
export CXX
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export MYPY_CACHE_DIR := $(abspath .mypy_cache)

# Hands nobody here wrote, to test on. Only their model files are wanted, hence none of their requirements.
FOREIGN_HANDS := robopianist==1.0.10 gymnasium-robotics==1.4.2

CPP := $(shell find cpp -name '*.hpp' -o -name '*.cpp')
HAS_DOCTEST := $(shell printf '\043include <doctest/doctest.h>' | $(CXX) -E -x c++ - >/dev/null 2>&1 && echo yes)

# The tests of a file stay together: they share what is dear to make.
ON_ALL_CORES := -n auto --dist loadfile

.PHONY: help demo test lint bench build cpp-test wheel-test format clean
.PHONY: latency-budget latency-compare bench-peers
.DELETE_ON_ERROR:

help:
	@sed -n '1,4s/^# //p' Makefile

demo: build
	@$(BIN)/handloop demo $(ARGS)

bench: build
	@$(BIN)/handloop latency $(ARGS)

test: build $(if $(HAS_DOCTEST),cpp-test)
	@$(if $(HAS_DOCTEST),,echo "C++ tests skipped: they need doctest (apt-get install doctest-dev)")
	@$(BIN)/pytest $(ON_ALL_CORES) $(ARGS)

# mypy sees the package as a user's does: installed, so that handloop.sim and its like resolve.
# stubtest holds _core.pyi against the module, but for what pybind11 adds: its metaclass and a mark.
STUB_MAY_DIFFER := 'handloop\._core\.[A-Z]\w*' '.*\.__pybind11_native_enum__'
lint: build
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/clang-format --dry-run -Werror $(CPP)
	@rm -rf build/typed
	@$(BIN)/pip install -q --no-build-isolation --no-deps --target build/typed --config-settings=wheel.cmake=false .
	@cd build/typed && ../../$(BIN)/mypy --config-file ../../pyproject.toml -p handloop -p handloop_pytest
	@cd build/typed && printf '%s\n' $(STUB_MAY_DIFFER) | ../../$(BIN)/stubtest --concise \
		--mypy-config-file ../../pyproject.toml --ignore-unused-allowlist --allowlist /dev/stdin handloop._core

format: $(VENV)/ready
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/clang-format -i $(CPP)

# SANITIZE=address,undefined runs the same tests under those sanitizers, with assertions.
CPP_BUILD := build/cpp$(if $(SANITIZE),-sanitized)
cpp-test: $(VENV)/ready
	@$(BIN)/cmake -S . -B $(CPP_BUILD) -G Ninja --log-level=WARNING -DHANDLOOP_CPP_TESTS=ON \
		-DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja -DPython_EXECUTABLE=$(abspath $(BIN))/python \
		-DHANDLOOP_SANITIZE=$(SANITIZE) $(if $(SANITIZE),-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O1) >/dev/null
	@$(BIN)/cmake --build $(CPP_BUILD) -- --quiet
	@$(CPP_BUILD)/cpp/tests/handloop_tests
	@$(CPP_BUILD)/cpp/tests/handloop_quiet_tick
	@$(CPP_BUILD)/cpp/tests/handloop_fuzz_parsers

# What a user gets: the wheel in an environment of its own, tested where there is no checkout.
wheel-test: $(VENV)/ready
	@away=$$(mktemp -d) && trap 'rm -rf "$$away"' EXIT && set -e && \
	$(BIN)/pip wheel -q --no-deps -w "$$away" --config-settings=build-dir="$$away/build" . && \
	cp -r tests examples pyproject.toml "$$away" && cd "$$away" && \
	"$(abspath $(BIN))/python" -m venv venv && \
	venv/bin/pip install -q "$$(echo handloop-*.whl)[test]" && \
	venv/bin/pip install -q --no-deps $(FOREIGN_HANDS) && \
	venv/bin/pytest $(ON_ALL_CORES) $(ARGS)

# What a tick may cost, in instructions: prints what changed and renews tests/latency/budget.json.
latency-budget: build cpp-test
	@$(BIN)/python tests/latency/update_budget.py $(CPP_BUILD)/cpp/bench/handloop_tick_bench build/budget

# This tree against another revision, both built and run in turn here.
latency-compare: build
	@$(BIN)/python tests/latency/compare.py $(or $(BASE),HEAD) $(ARGS)

# The same pipeline made of other libraries, in an environment of its own. Not part of any test.
PEERS := build/peers
PEER_WHEELS := pin==4.1.0 proxsuite==0.8.0 cmeel-eigen numpy quadprog
PEER_FLAGS := -std=c++20 -O2 -DNDEBUG -march=x86-64-v2 -ffp-contract=off -fno-math-errno \
	-DBOOST_MPL_LIMIT_LIST_SIZE=30 -DBOOST_MPL_LIMIT_VECTOR_SIZE=30 \
	-DBOOST_MPL_CFG_NO_PREPROCESSED_HEADERS -DBOOST_FUSION_INVOKE_MAX_ARITY=12
bench-peers: build $(PEERS)/pinocchio_proxqp
	@$(BIN)/python cpp/bench/peers/compare.py --cpp $(PEERS)/pinocchio_proxqp \
		--python $(PEERS)/venv/bin/python $(ARGS)

$(PEERS)/pinocchio_proxqp: cpp/bench/peers/pinocchio_proxqp.cpp $(PEERS)/ready
	@echo "Compiling the C++ peer: this takes minutes ..."
	@wheels=$$(echo $(abspath $(PEERS))/venv/lib/python3*/site-packages/cmeel.prefix) && \
	$(CXX) $(PEER_FLAGS) -isystem "$$wheels/include" -isystem "$$wheels/include/eigen3" \
		$< -o $@ -L"$$wheels/lib" -Wl,-rpath,"$$wheels/lib" -lboost_serialization

$(PEERS)/ready:
	@$(PYTHON) -m venv $(PEERS)/venv
	@$(PEERS)/venv/bin/pip install -q $(PEER_WHEELS)
	@touch $@

clean:
	rm -rf build runs .mypy_cache .pytest_cache .ruff_cache .hypothesis $(VENV)/built

# The environment: made once, and again when pyproject.toml changes.
define REQUIREMENTS
import tomllib
p = tomllib.load(open("pyproject.toml", "rb"))
extras = p["project"]["optional-dependencies"]
print(*p["build-system"]["requires"], *p["project"]["dependencies"], *sum(extras.values(), []), sep="\n")
endef
export REQUIREMENTS

$(VENV)/ready: pyproject.toml Makefile | $(BIN)/python
	@echo "Installing what handloop needs into $(VENV) ..."
	@$(BIN)/python -c "$$REQUIREMENTS" > $(VENV)/requirements.txt
	@$(BIN)/pip install -q --no-warn-conflicts -r $(VENV)/requirements.txt
	@$(BIN)/pip install -q --no-deps $(FOREIGN_HANDS)
	@touch $@

missing = { echo "handloop needs $(1)" >&2; exit 1; }
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		$(call missing,Python 3.11 or newer; point to one: make PYTHON=/path/to/python3)
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		$(call missing,the venv module of $(PYTHON): apt-get install python3-venv)
	@test -e "$$($(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" || \
		$(call missing,the headers of $(PYTHON): apt-get install python3-dev)
	@printf '#include <concepts>\n#include <span>\n' | $(CXX) -std=c++20 -fsyntax-only -x c++ - 2>/dev/null || \
		$(call missing,a C++20 compiler (g++ 11 or clang++ 14 on): apt-get install g++)
	@$(PYTHON) -m venv $(VENV)

# Python changes need no build; of the C++, only what changed is compiled again.
build: $(VENV)/built
$(VENV)/built: $(VENV)/ready CMakeLists.txt $(filter cpp/include/% cpp/src/% cpp/bindings/%,$(CPP))
	@echo "Building handloop ..."
	@$(BIN)/pip install -q --no-build-isolation --no-deps -e .
	@touch $@
