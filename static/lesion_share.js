// How much of a frame is not skin: the measure of ml/quality.py, so that page and server agree.

const BORDER = 4;

/**
 * Return the share (0..1) of the pixels whose colour is not that of the frame's border. The border's
 * median in CIELAB stands for skin; Otsu's threshold parts the distances from it.
 */
export function lesionShare(rgba, size) {
  const lab = toLab(rgba);
  const border = [...lab.keys()].filter((place) => isBorder(place, size));
  const skin = [0, 1, 2].map((axis) => median(border.map((place) => lab[place][axis])));
  const levels = lab.map((colour) => {
    const distance = Math.hypot(colour[0] - skin[0], colour[1] - skin[1], colour[2] - skin[2]);
    return Math.min(255, Math.floor(2 * distance));
  });
  const threshold = otsu(levels);
  return levels.filter((level) => level > threshold).length / levels.length;
}

function isBorder(place, size) {
  const [x, y] = [place % size, Math.floor(place / size)];
  return Math.min(x, y, size - 1 - x, size - 1 - y) < BORDER;
}

function median(values) {
  const sorted = values.sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
}

/** sRGB to CIELAB (D65), in 8-bit steps: L is stretched to 0..255. */
function toLab(rgba) {
  const colours = [];
  for (let at = 0; at < rgba.length; at += 4) {
    const [red, green, blue] = [rgba[at], rgba[at + 1], rgba[at + 2]].map(toLinear);
    const x = toCube((0.412453 * red + 0.35758 * green + 0.180423 * blue) / 0.950456);
    const y = toCube(0.212671 * red + 0.71516 * green + 0.072169 * blue);
    const z = toCube((0.019334 * red + 0.119193 * green + 0.950227 * blue) / 1.088754);
    colours.push([Math.round((116 * y - 16) * 2.55), Math.round(500 * (x - y)), Math.round(200 * (y - z))]);
  }
  return colours;
}

function toLinear(byte) {
  const share = byte / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}

function toCube(value) {
  return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
}

/** Return the level that parts a histogram best (Otsu, IEEE Trans. SMC 9, 1979). */
function otsu(levels) {
  const histogram = new Array(256).fill(0);
  for (const level of levels) histogram[level] += 1;
  const total = levels.reduce((sum, level) => sum + level, 0);
  let below = 0;
  let sumBelow = 0;
  let best = { level: 0, spread: 0 };
  histogram.forEach((count, level) => {
    below += count;
    sumBelow += count * level;
    const above = levels.length - below;
    if (below === 0 || above === 0) return;
    const spread = below * above * (sumBelow / below - (total - sumBelow) / above) ** 2;
    if (spread > best.spread) best = { level, spread };
  });
  return best.level;
}
