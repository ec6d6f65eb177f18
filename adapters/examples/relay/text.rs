//! The text that is sent.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use headpond_pool::Slice;

use super::AnyError;

/// Files up to this size are read once, larger ones whenever they are needed.
const MAX_LOADED: u64 = 1 << 20;

/// What the workspace's own text is written in.
const ENDINGS: [&str; 3] = ["rs", "md", "toml"];

/// Files, one behind the other, from the beginning again where they do not suffice.
#[derive(Debug)]
pub(crate) struct Text {
    parts: Vec<(Part, u64)>,
    len: u64,
}

/// One file.
#[derive(Debug)]
pub(crate) enum Part {
    Loaded(Slice),
    OnDisk(PathBuf),
}

impl Text {
    /// The text files of this workspace, in order of their paths, repeated to `len` bytes.
    pub(crate) fn workspace(len: u64) -> Result<Self, AnyError> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        walk(package.parent().unwrap_or(package), &mut paths)?;
        paths.sort();
        let text = Self::files(paths)?;
        if text.len == 0 {
            return Err(format!("no text below {}", package.display()).into());
        }
        Ok(Self { len, ..text })
    }

    /// These files, once.
    pub(crate) fn files(paths: Vec<PathBuf>) -> Result<Self, AnyError> {
        let mut text = Self { parts: Vec::new(), len: 0 };
        for path in paths {
            let (part, len) = load(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            text.parts.push((part, len));
            text.len += len;
        }
        Ok(text)
    }

    /// How many bytes are sent.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The files in the order in which they are sent, each with how many of its bytes are.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (&Part, u64)> {
        let repeated = self.parts.iter().cycle();
        repeated.scan(self.len, |left, (part, len)| {
            let len = (*len).min(*left);
            let goes_on = *left > 0;
            *left -= len;
            goes_on.then_some((part, len))
        })
    }

    /// Reads all of it, piece by piece.
    pub(crate) fn read(&self, mut each: impl FnMut(&[u8])) -> io::Result<()> {
        let mut memory = vec![0; 64 * 1024];
        for (part, len) in self.parts() {
            match part {
                Part::Loaded(slice) => each(&slice[..len as usize]),
                Part::OnDisk(path) => {
                    let mut file = File::open(path)?.take(len);
                    loop {
                        match file.read(&mut memory)? {
                            0 => break,
                            n => each(&memory[..n]),
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

fn load(path: &Path) -> io::Result<(Part, u64)> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    if len > MAX_LOADED {
        return Ok((Part::OnDisk(path.to_owned()), len));
    }
    let mut bytes = Vec::new();
    // What tells no length, such as a device or a pipe, may have no end.
    let len = file.take(MAX_LOADED + 1).read_to_end(&mut bytes)? as u64;
    if len > MAX_LOADED {
        return Err(io::Error::other("it is longer than it says"));
    }
    Ok((Part::Loaded(Slice::from(bytes)), len))
}

/// Gathers the text files below `folder`, but for build products and version control.
fn walk(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if entry.file_type()?.is_dir() {
            if name != "target" && name != ".git" {
                walk(&path, paths)?;
            }
        } else if path.extension().is_some_and(|ending| ENDINGS.iter().any(|wanted| ending == *wanted)) {
            paths.push(path);
        }
    }
    Ok(())
}
