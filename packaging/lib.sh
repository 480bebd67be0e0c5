# shellcheck shell=bash
# Shared by packaging/run, packaging/test and .ci/run: sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# One ccache serves every clone and build folder (toolchain.md, 10).
export CCACHE_BASEDIR=$root
export CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

# Progress goes to stderr; stdout is for results.
say() {
    printf 'lathe: %s\n' "$*" >&2
}

# build PRESET [TARGET...]: configures build/PRESET when it must, then builds the targets (all without one).
# CMake itself sees changed CMakeLists.txt files, but not changed presets.
build() {
    local preset=$1
    shift
    local folder=$root/build/$preset
    local stamp=$folder/.configured
    if [[ ! -f $folder/build.ninja || ! $stamp -nt $root/CMakePresets.json ]]; then
        say "configuring and building ($preset); the first time takes minutes"
        (cd "$root" && cmake --preset "$preset") >&2
        touch "$stamp"
    fi
    say "building ($preset) in build/$preset"
    cmake --build "$folder" ${1:+--target "$@"} >&2
}
