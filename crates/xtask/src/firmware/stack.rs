//! How deep the stack can get: what each function takes of it, read from its instructions, along the longest chain of
//! calls. An upper bound, as long as nobody calls through a pointer or himself; both are looked for.
//!
//! Encodings: ARMv7-M Architecture Reference Manual, A7.7 (PUSH, STMDB, STR, SUB (SP minus immediate), BL, B, BLX).

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};

use super::elf::{Elf, Function};

/// The deepest chain of calls.
#[derive(Debug, Clone, Default)]
pub(super) struct Stack {
    pub(super) bytes: usize,
    /// Functions from the outermost on, each with what it takes.
    pub(super) path: Vec<String>,
}

/// What one function does to the stack.
struct Frame {
    name: String,
    bytes: usize,
    calls: Vec<usize>,
}

pub(super) fn deepest(elf: &Elf) -> Result<Stack> {
    let functions = elf.functions()?;
    let starts: HashMap<usize, &Function> =
        functions.iter().map(|function| (function.address, function)).collect();
    let mut frames = HashMap::new();
    for (address, function) in &starts {
        frames.insert(*address, frame(&elf.code(function)?, function, &starts)?);
    }
    let outermost = functions.iter().find(|function| function.name.contains(OUTERMOST));
    let outermost = outermost.with_context(|| format!("no function {OUTERMOST}"))?;
    below(outermost.address, &frames, &mut HashMap::new())
}

fn below(
    address: usize,
    frames: &HashMap<usize, Frame>,
    known: &mut HashMap<usize, Option<Stack>>,
) -> Result<Stack> {
    let frame = &frames[&address];
    match known.get(&address) {
        Some(Some(stack)) => return Ok(stack.clone()),
        Some(None) => anyhow::bail!("{} calls itself", frame.name),
        None => known.insert(address, None),
    };
    let mut deepest = Stack::default();
    for call in &frame.calls {
        let stack = below(*call, frames, known)?;
        if stack.bytes > deepest.bytes {
            deepest = stack;
        }
    }
    deepest.bytes += frame.bytes;
    deepest.path.insert(0, format!("{} {}", short(&frame.name), frame.bytes));
    known.insert(address, Some(deepest.clone()));
    Ok(deepest)
}

fn frame(code: &[u16], function: &Function, starts: &HashMap<usize, &Function>) -> Result<Frame> {
    let Function { name, address, .. } = function;
    let (mut bytes, mut calls) = (0, Vec::new());
    let mut at = 0;
    while let Some(&first) = code.get(at) {
        let here = address + 2 * at;
        if first >> 11 < 0b11101 {
            bytes += taken_by_short(first);
            ensure!(first & 0xFF80 != 0x4780, "{name} calls through a pointer at {here:X}");
            at += 1;
            continue;
        }
        let second = code.get(at + 1).copied().unwrap_or_default();
        ensure!(
            !(first == 0xEBAD && second & 0x0F00 == 0x0D00),
            "{name} takes an unknown share of the stack at {here:X}"
        );
        bytes += taken_by_long(first, second);
        // A jump to another function's beginning is its last call.
        calls.extend(target(here, first, second).filter(|to| to != address && starts.contains_key(to)));
        at += 2;
    }
    Ok(Frame { name: name.clone(), bytes, calls })
}

fn taken_by_short(code: u16) -> usize {
    match code {
        // PUSH, with LR in bit 8.
        _ if code & 0xFE00 == 0xB400 => 4 * (code & 0x01FF).count_ones() as usize,
        // SUB SP, #imm7 * 4
        _ if code & 0xFF80 == 0xB080 => 4 * usize::from(code & 0x7F),
        _ => 0,
    }
}

fn taken_by_long(first: u16, second: u16) -> usize {
    let to_sp = second & 0x8F00 == 0x0D00;
    let imm12 = u32::from((first & 0x0400) << 1 | (second & 0x7000) >> 4 | second & 0xFF);
    match first {
        // STMDB SP!
        0xE92D => 4 * second.count_ones() as usize,
        // STR Rt, [SP, #-4]!
        0xF84D if second & 0x0FFF == 0x0D04 => 4,
        // SUB.W SP, SP, #const; SUBW SP, SP, #imm12
        _ if first & 0xFBFF == 0xF1AD && to_sp => expanded(imm12) as usize,
        _ if first & 0xFBFF == 0xF2AD && to_sp => imm12 as usize,
        _ => 0,
    }
}

/// A modified immediate (A5.3.2): a byte, repeated or rotated.
const fn expanded(imm12: u32) -> u32 {
    let byte = imm12 & 0xFF;
    match imm12 >> 8 {
        0 => byte,
        1 => byte << 16 | byte,
        2 => byte << 24 | byte << 8,
        3 => byte << 24 | byte << 16 | byte << 8 | byte,
        _ => (0x80 | byte & 0x7F).rotate_right(imm12 >> 7),
    }
}

/// Where BL, B.W and B<c>.W lead.
fn target(here: usize, first: u16, second: u16) -> Option<usize> {
    if first & 0xF800 != 0xF000 || second & 0x8000 == 0 {
        return None;
    }
    let bit = |of: u16, place: u16| i64::from(of >> place & 1);
    let (sign, j1, j2) = (bit(first, 10), bit(second, 13), bit(second, 11));
    let imm11 = i64::from(second & 0x07FF) << 1;
    let offset = if second & 0x1000 == 0 {
        // Conditional: 20 bits; conditions 14 and 15 are other instructions.
        if first >> 6 & 0x0E == 0x0E {
            return None;
        }
        -(sign << 20) | j2 << 19 | j1 << 18 | i64::from(first & 0x3F) << 12 | imm11
    } else {
        let [i1, i2] = [j1, j2].map(|j| 1 - (j ^ sign));
        -(sign << 24) | i1 << 23 | i2 << 22 | i64::from(first & 0x03FF) << 12 | imm11
    };
    usize::try_from(here as i64 + 4 + offset).ok()
}

/// The last named part of a mangled name.
fn short(mangled: &str) -> String {
    let mut rest = mangled.trim_start_matches("_ZN");
    let mut last = mangled;
    while let Some(end) = rest.find(|letter: char| !letter.is_ascii_digit()).filter(|end| *end > 0) {
        let Some(name) = rest[..end].parse().ok().and_then(|length: usize| rest.get(end..end + length))
        else {
            break;
        };
        rest = &rest[end + name.len()..];
        // The hash at the end is no name.
        if !(name.len() == 17 && name.starts_with('h')) {
            last = name;
        }
    }
    last.to_owned()
}

/// Never returns, so nothing is above it.
const OUTERMOST: &str = "chip5reset";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_take_what_their_encoding_says() {
        // push {r4, r5, r6, r7, lr}; sub sp, #20; add sp, #20
        assert_eq!([0xB5F0, 0xB085, 0xB005].map(taken_by_short), [20, 20, 0]);
        // push.w {r8, r9, r11}; sub.w sp, sp, #1024; subw sp, sp, #1060; str r11, [sp, #-4]!
        let long = [(0xE92D, 0x0B00), (0xF5AD, 0x6D80), (0xF2AD, 0x4D24), (0xF84D, 0xBD04), (0xF44F, 0x6D80)];
        assert_eq!(long.map(|(first, second)| taken_by_long(first, second)), [12, 1024, 1060, 4, 0]);
        assert_eq!([0x0FF, 0x1FF, 0x6FF, 0xD80].map(expanded), [0xFF, 0x00FF_00FF, 0x07F8_0000, 0x1000]);
    }

    #[test]
    fn calls_lead_forwards_and_backwards() {
        // bl of offset 0 and of -4; b.w of +4; not a branch: dsb.
        assert_eq!(target(0x1000, 0xF000, 0xF800), Some(0x1004));
        assert_eq!(target(0x1000, 0xF7FF, 0xFFFE), Some(0x1000));
        assert_eq!(target(0x1000, 0xF000, 0xB802), Some(0x1008));
        assert_eq!(target(0x1000, 0xF3BF, 0x8F4F), None);
    }
}
