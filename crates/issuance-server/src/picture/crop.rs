//! What is cut out of a portrait.

/// Which part of a portrait becomes the photo: its centre in thousandths of the picture, and how much closer than
/// the largest 3:4 that fits, in per cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    x: u32,
    y: u32,
    zoom: u32,
}

impl Crop {
    /// A face is a little above the middle.
    pub const FIRST: Self = Self { x: 500, y: 450, zoom: 100 };

    /// Within what makes sense; whatever lies outside is moved to the nearest that does.
    #[must_use]
    pub fn new(x: u32, y: u32, zoom: u32) -> Self {
        Self { x: x.min(1000), y: y.min(1000), zoom: zoom.clamp(100, 400) }
    }

    /// Centre from the left, centre from the top, closeness.
    #[must_use]
    pub const fn parts(self) -> (u32, u32, u32) {
        (self.x, self.y, self.zoom)
    }

    /// The rectangle, which never leaves the picture.
    pub(super) fn within(self, width: u32, height: u32) -> (u32, u32, u32, u32) {
        let largest = width.min(height * 3 / 4);
        let w = (largest * 100 / self.zoom).clamp(1, width);
        let h = (w * 4 / 3).clamp(1, height);
        let at = |centre: u32, size: u32, part: u32| {
            let centre = u64::from(size) * u64::from(centre) / 1000;
            let from = centre.saturating_sub(u64::from(part / 2));
            u32::try_from(from).unwrap_or(0).min(size - part)
        };
        (at(self.x, width, w), at(self.y, height, h), w, h)
    }
}
