# SPDX-License-Identifier: GPL-2.0
#
#   make                      the modules (kmod/lvs.ko ...) and the tool (tools/lvsadm/lvsadm)
#   make demo                 a director balancing HTTP, in a virtual machine
#   make demo-shell           the same lab with a prompt
#   make test [T=patterns]    everything that is tested
#   make test-all [T=] [KERNELS='6.12 7.2']
#                             the same on every supported kernel, cross, torture, stress, rules, soak
#   make vm CMD='...'         a command in a virtual machine, with the module at $LVS_KO
#   make soak [MINUTES=10]    steady traffic, with a line each minute of what is in use
#   make check                static checks only
#   make cross                module and tool compiled for arm64, and tried there
#   make bench [ROWS=groups]  instructions per packet, beside the kernel's own ip_vs: bench.sh -h
#   make bench-native [ROWS=] nanoseconds, in User Mode Linux
#   make bench-check [REBASE=1]
#                             is lvs slower than what is committed?
#   make mutants [KIND=unit]  seeded defects that the tests must notice
#   make fuzz                 fuzzing in user space
#   make install, uninstall   module, tool and modprobe.d file for this machine's kernel
#   make deps                 the Debian packages that all this needs
#
# KDIR=    kernel to build `make' for; default: the running one's headers, else the newest
# KERNEL=  kernel of the virtual machine (6.1 by default); also SMP=, MEM=, TIMEOUT=, ACCEL=
# LVS_CACHE= where downloads and built trees are kept (~/.cache/lvs)

MAKEFLAGS += --no-print-directory
VM := selftests/vm

# A command is handed on literally: no second look at its dollar signs.
ifneq ($(origin CMD),undefined)
override CMD := $(value CMD)
endif
export CMD KDIR KERNEL SMP MEM TIMEOUT ACCEL APPEND QEMU_ARGS LVS_CACHE LVS_OUT LVS_MODULE

all: module tool

module: deps-build
	@ko=$$($(VM)/build.sh $(if $(W),W=$(W)) $(if $(C),C=$(C))) && for ko in "$${ko%/*}"/*.ko; do \
		cmp -s "$$ko" "kmod/$${ko##*/}" || cp "$$ko" kmod/ || exit; done

tool: deps-build
	@$(MAKE) -s -C tools/lvsadm

deps:
	@$(VM)/deps.sh test

deps-build:
	@$(VM)/deps.sh build

# Things that are built on the host and used in the VM.
vm-tools: deps
	@$(MAKE) -s -C tools/lvsadm
	@$(MAKE) -s -C selftests all

vm: deps vm-tools
	@test -n "$$CMD" || { echo "usage: make vm CMD='command'" >&2; exit 2; }
	@$(VM)/run.sh "$$CMD"

demo: vm-tools
	@$(VM)/run.sh selftests/demo.sh

demo-shell: vm-tools
	@TIMEOUT=$${TIMEOUT:-86400} $(VM)/run.sh -i 'selftests/demo.sh shell'

test: vm-tools
	@selftests/run.sh "$(T)"

test-all: vm-tools
	@T="$(T)" selftests/matrix.sh $(KERNELS)

soak: vm-tools
	@TIMEOUT=$$(($(or $(MINUTES),10) * 60 + 400)) \
		$(VM)/run.sh 'selftests/soak.sh $(or $(MINUTES),10)'

check: deps
	@selftests/run.sh static/

cross:
	@$(VM)/deps.sh cross
	@$(VM)/cross.sh

install: all
	@tools/packaging/install.sh install

uninstall:
	@tools/packaging/install.sh uninstall

bench: vm-tools
	@selftests/bench/bench.sh $(ROWS)

bench-native: vm-tools
	@selftests/bench/native.sh $(ROWS)

bench-check: vm-tools
	@selftests/bench/check.sh $(REBASE)

mutants: vm-tools
	@selftests/mutants/run.sh -k $(or $(KIND),all) "$(or $(T),*)"

fuzz: deps
	@$(MAKE) -s -C selftests/unit fuzz

clean:
	@rm -f kmod/*.ko
	@if [ -e tools/lvsadm/Makefile ]; then $(MAKE) -s -C tools/lvsadm clean; fi
	@rm -rf "$${LVS_CACHE:-$$HOME/.cache/lvs}/build"

.PHONY: all mutants fuzz soak install uninstall bench bench-native bench-check module tool deps deps-build vm-tools vm demo demo-shell test test-all check cross clean
