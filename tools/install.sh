# Sourced by ./dev: makes sure that what a command needs is on the machine.
#
# A package is asked for only where its probe fails, so tools from elsewhere (a newer meson, another compiler)
# are left alone. Debian's packages come by apt; Python's are pinned and live in the user's cache; nothing else
# is changed. See tools/packages for the list.
# shellcheck shell=sh

cache=${XDG_CACHE_HOME:-$HOME/.cache}/millrace

say() { printf 'dev: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

java_major() { java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

present() { # PROBE
    case $1 in
    command:*) have "${1#*:}" ;;
    module:*) have pkg-config && pkg-config --exists "${1#*:}" ;;
    header:*) have cc && echo "#include <${1#*:}>" | cc -E - >/dev/null 2>&1 ;;
    python:*) have python3 && python3 -c "import ${1#*:}" 2>/dev/null ;;
    java:*) have java && [ "$(java_major)" -ge "${1#*:}" ] 2>/dev/null ;;
    libfuzzer) have clang && echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return d && n > 9; }' |
        clang -x c -fsanitize=fuzzer - -o /dev/null 2>/dev/null ;;
    *) die "tools/packages: unknown probe $1" ;;
    esac
}

missing() { # SET... -> the packages that are missing, on one line
    for set in "$@"; do
        while read -r of package probe; do
            [ "$of" = "$set" ] || continue
            present "$probe" || printf '%s\n' "$package"
        done <tools/packages
    done | sort -u | tr '\n' ' ' | sed 's/ $//'
}

apt_release() { # Debian 12 or newer, Ubuntu 24.04 or newer
    have apt-get && [ -r /etc/os-release ] || return 1
    (
        # shellcheck disable=SC1091
        . /etc/os-release
        case ${ID:-} in
        debian) [ "${VERSION_ID:-99}" -ge 12 ] ;;
        ubuntu) [ "${VERSION_ID%%.*}" -ge 24 ] ;;
        *) exit 1 ;;
        esac
    )
}

as_root() { # sudo asks for a password only where somebody can type it
    if [ "$(id -u)" = 0 ]; then "$@"
    elif ! have sudo; then return 1
    elif [ -t 0 ]; then sudo "$@"
    else sudo -n "$@"; fi
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

need() { # WHY SET...
    why=$1; shift
    packages=$(missing "$@")
    [ -n "$packages" ] || return 0
    if ! apt_release; then
        say "$why needs these packages (as Debian 12 and Ubuntu 24.04 name them), which only you can install here:"
        printf '    %s\n' "$packages" >&2
        exit 1
    fi
    say "installing with apt, for $why: $packages"
    mkdir -p "$cache"
    log=$cache/apt.log
    apt_get update >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are here"
    # shellcheck disable=SC2086
    if ! apt_get install -y --no-install-recommends $packages >>"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "apt could not install them. As root, by hand: apt-get install --no-install-recommends $packages"
    fi
    packages=$(missing "$@")
    [ -z "$packages" ] || die "still missing after apt: $packages (the probes are in tools/packages, the log is $log)"
}

# The virtual environment has the checksum of its list in its name: a changed list makes a new one.
need_python() {
    python=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    venv=$cache/python-$python-$(cksum <tools/requirements.txt | cut -d' ' -f1)
    mkdir -p "$cache"
    (
        flock 9
        [ ! -e "$venv/complete" ] || exit 0
        say "installing the Python packages of tools/requirements.txt into $venv (once)"
        rm -rf "$venv"
        python3 -m venv "$venv" &&
            "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps -r tools/requirements.txt &&
            : >"$venv/complete"
    ) 9>"$cache/python.lock" >&2 || die "could not install the Python packages"
    PATH=$venv/bin:$PATH
    export PATH
}

# promtool alone: the prometheus package, which holds it up to Debian 12 and Ubuntu 24.04, would start a server.
need_promtool() {
    PATH=$PATH:$cache/bin
    export PATH
    ! have promtool || return 0
    apt_release || die "./dev check needs promtool (of Prometheus) in the PATH"
    mkdir -p "$cache/bin"
    apt-cache show prometheus >/dev/null 2>&1 || apt_get update >"$cache/apt.log" 2>&1 || :
    package=prometheus
    ! apt-cache show promtool >/dev/null 2>&1 || package=promtool
    say "getting promtool out of apt's package $package, to check the metrics, into $cache/bin (once)"
    scratch=$(mktemp -d)
    (
        cd "$scratch"
        apt-get -qq -o APT::Sandbox::User="$(id -un)" download "$package" &&
            dpkg-deb --fsys-tarfile "$package"_*.deb | tar -x ./usr/bin/promtool &&
            mv usr/bin/promtool "$cache/bin/promtool"
    ) >"$cache/promtool.log" 2>&1 || { rm -rf "$scratch"; cat "$cache/promtool.log" >&2; die "could not get promtool"; }
    rm -rf "$scratch"
}
