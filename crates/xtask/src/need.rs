//! What the project needs beyond Rust and a C compiler, one row a need.
//! Knows how to tell whether it is there and who installs it; `setup` does the installing.

use clap::ValueEnum;

/// What somebody wants to do; each need serves some of these.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Job {
    /// Compile the workspace.
    Build,
    /// `cargo xtask demo`.
    Demo,
    /// `cargo xtask test`.
    Test,
}

/// One thing that has to be there.
pub struct Need {
    /// Its name, as the table shows it.
    pub name: &'static str,
    /// Why, in a few words.
    pub why: &'static str,
    /// The jobs that fail without it.
    pub jobs: &'static [Job],
    /// Shell command, run in the workspace root, that succeeds when it is there.
    pub present: &'static str,
    /// Who installs it.
    pub source: Source,
}

/// Where a missing need comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// Debian packages, by apt-get.
    Debian(&'static [&'static str]),
    /// A component of the Rust toolchain in use, by rustup.
    RustComponent(&'static str),
    /// The standard library of another target, by rustup.
    RustTarget(&'static str),
    /// crates/xtask/setup/requirements.txt into target/python.
    Python,
    /// crates/xtask/setup/package.json into target/node.
    Node,
}

/// Every need, in the order of installation: Python and Node come after the packages that they build upon.
pub const NEEDS: &[Need] = &[
    Need {
        name: "libpcsclite",
        why: "智能卡读写器接口 card readers are reached through PC/SC",
        jobs: &[Build, Demo, Test],
        present: "pkg-config --exists libpcsclite",
        source: Debian(&["libpcsclite-dev", "pkg-config"]),
    },
    Need {
        name: "rustfmt",
        why: "检查代码格式 the format step",
        jobs: &[Test],
        present: "cargo fmt --version",
        source: RustComponent("rustfmt"),
    },
    Need {
        name: "clippy",
        why: "静态检查 the clippy step",
        jobs: &[Test],
        present: "cargo clippy --version",
        source: RustComponent("clippy"),
    },
    Need {
        name: "thumbv7em-none-eabi",
        why: "证明卡片代码不依赖标准库 proves that card and gate cores need no std",
        jobs: &[Test],
        present: r#"test -d "$(rustc --print sysroot)/lib/rustlib/thumbv7em-none-eabi/lib""#,
        source: RustTarget("thumbv7em-none-eabi"),
    },
    Need {
        name: "wasm32-unknown-unknown",
        why: "浏览器内核验 the verifier in a browser",
        jobs: &[Test],
        present: r#"test -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib""#,
        source: RustTarget("wasm32-unknown-unknown"),
    },
    Need {
        name: "C++ compiler",
        why: "模糊测试引擎 libFuzzer is C++",
        jobs: &[Test],
        present: "c++ --version",
        source: Debian(&["g++"]),
    },
    Need {
        name: "pcscd",
        why: "系统的读写器服务 the machine's own card-reader daemon",
        jobs: &[Demo, Test],
        present: "command -v pcscd",
        source: Debian(&["pcscd"]),
    },
    Need {
        name: "vsmartcard-vpcd",
        why: "虚拟读写器 a virtual reader in that daemon",
        jobs: &[Demo, Test],
        present: "ls /usr/lib/pcsc/drivers/serial/libifdvpcd.so*",
        source: Debian(&["vsmartcard-vpcd"]),
    },
    Need {
        name: "opensc-tool",
        why: "第三方读卡工具 somebody else's card tool beside ours",
        jobs: &[Test],
        present: "command -v opensc-tool",
        source: Debian(&["opensc"]),
    },
    Need {
        name: "Python",
        why: "以另一种语言核验 a second implementation in another language",
        jobs: &[Test],
        present: "python3 -c 'import ensurepip, sysconfig, os; \
                  assert os.path.exists(sysconfig.get_path(\"include\") + \"/Python.h\")'",
        source: Debian(&["python3", "python3-venv", "python3-dev"]),
    },
    Need {
        name: "Node",
        why: "驱动浏览器测试 drives the browser in tests",
        jobs: &[Test],
        present: "command -v node && command -v npm",
        source: Debian(&["nodejs", "npm"]),
    },
    Need {
        name: "Chromium",
        why: "真实浏览器测试 tests in a real browser",
        jobs: &[Test],
        present: "command -v chromium",
        source: Debian(&["chromium"]),
    },
    Need {
        name: "Noto CJK",
        why: "页面里的汉字 Chinese text on the pages under test",
        jobs: &[Test],
        present: "ls /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        source: Debian(&["fonts-noto-cjk"]),
    },
    Need {
        name: "Python packages",
        why: "CWT、读卡、接口测试 CWT, card and API tools: target/python",
        jobs: &[Test],
        present: "cmp crates/xtask/setup/requirements.txt target/python/requirements.txt",
        source: Source::Python,
    },
    Need {
        name: "Node packages",
        why: "浏览器与无障碍测试 browser and accessibility tests: target/node",
        jobs: &[Test],
        present: "cmp crates/xtask/setup/package.json target/node/installed.json",
        source: Source::Node,
    },
];

use Job::{Build, Demo, Test};
use Source::{Debian, RustComponent, RustTarget};
