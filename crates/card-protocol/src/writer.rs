//! A cursor over a buffer of fixed size: nothing longer than the buffer is ever written.

use crate::Error;

/// Appends bytes to a borrowed buffer, and refuses what does not fit.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> Writer<'b> {
    /// Starts at the beginning of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// Appends `bytes`, all or nothing.
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let end = self.length.checked_add(bytes.len()).ok_or(Error::BufferFull)?;
        let free = self.buffer.get_mut(self.length..end).ok_or(Error::BufferFull)?;
        free.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    /// Appends one byte.
    ///
    /// # Errors
    /// [`Error::BufferFull`].
    pub fn put_u8(&mut self, byte: u8) -> Result<(), Error> {
        self.put(&[byte])
    }

    /// How many bytes were written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// What was written so far.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// What was written, for as long as the buffer lives.
    #[must_use]
    pub fn finish(self) -> &'b [u8] {
        let (buffer, length): (&'b [u8], usize) = (self.buffer, self.length);
        buffer.get(..length).unwrap_or_default()
    }

    /// Puts `bytes` before what was written since `start`, moving that back.
    pub(crate) fn insert(&mut self, start: usize, bytes: &[u8]) -> Result<(), Error> {
        let end = self.length.checked_add(bytes.len()).ok_or(Error::BufferFull)?;
        let tail = self.buffer.get_mut(start..end).ok_or(Error::BufferFull)?;
        tail.rotate_right(bytes.len());
        tail.get_mut(..bytes.len()).ok_or(Error::BufferFull)?.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_longer_than_the_buffer_is_written() {
        let mut buffer = [0; 3];
        let mut writer = Writer::new(&mut buffer);
        writer.put(b"ab").unwrap();
        assert_eq!(writer.put(b"cd"), Err(Error::BufferFull));
        assert_eq!(writer.insert(0, b"cd"), Err(Error::BufferFull));
        assert_eq!(writer.written(), b"ab");
        writer.insert(0, b"c").unwrap();
        assert_eq!(writer.finish(), b"cab");
    }
}
