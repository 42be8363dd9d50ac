// Where the model looked: its coarse map, enlarged smoothly, in colours ordered by lightness.

const WIDTH = 112;
const HEIGHT = 84;
const STEPS = 256;

/** Draw a map (rows x columns of 0..1) over a canvas; the less, the clearer. */
export function drawActivation(canvas, activation) {
  const isUpright = canvas.dataset.shape === "portrait";
  canvas.width = isUpright ? HEIGHT : WIDTH;
  canvas.height = isUpright ? WIDTH : HEIGHT;
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  for (let y = 0; y < canvas.height; y += 1) {
    for (let x = 0; x < canvas.width; x += 1) {
      const value = sample(activation, (x + 0.5) / canvas.width, (y + 0.5) / canvas.height);
      const at = (y * canvas.width + x) * 4;
      image.data.set(COLOURS[Math.round(value * (STEPS - 1))], at);
      image.data[at + 3] = 255 * Math.min(1, 0.15 + value);
    }
  }
  context.putImageData(image, 0, 0);
}

/** Draw the colours from none to most, for a legend. */
export function drawLegend(canvas) {
  canvas.width = STEPS;
  canvas.height = 1;
  const context = canvas.getContext("2d");
  const image = context.createImageData(STEPS, 1);
  COLOURS.forEach((colour, step) => image.data.set([...colour, 255], step * 4));
  context.putImageData(image, 0, 0);
}

/** Interpolate bilinearly between the centres of the map's cells; u and v run from 0 to 1. */
export function sample({ rows, columns, values }, u, v) {
  const x = Math.min(Math.max(u * columns - 0.5, 0), columns - 1);
  const y = Math.min(Math.max(v * rows - 0.5, 0), rows - 1);
  const left = Math.floor(x);
  const top = Math.floor(y);
  const right = Math.min(left + 1, columns - 1);
  const bottom = Math.min(top + 1, rows - 1);
  const across = (row) => {
    const start = values[row * columns + left];
    return start + (values[row * columns + right] - start) * (x - left);
  };
  return Math.min(1, Math.max(0, across(top) + (across(bottom) - across(top)) * (y - top)));
}

/** Equal steps of OKLCh lightness from deep violet to pale yellow: more is always lighter. */
const COLOURS = Array.from({ length: STEPS }, (_, step) => {
  const part = step / (STEPS - 1);
  return fromOklch(0.3 + 0.62 * part, 0.13 + 0.05 * Math.sin(Math.PI * part), 290 + 170 * part);
});

/** OKLab to sRGB after Ottosson, "A perceptual color space for image processing", 2020. */
function fromOklch(lightness, chroma, degrees) {
  const a = chroma * Math.cos((degrees * Math.PI) / 180);
  const b = chroma * Math.sin((degrees * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map(toByte);
}

function toByte(linear) {
  const bounded = Math.min(1, Math.max(0, linear));
  const curved = bounded <= 0.0031308 ? 12.92 * bounded : 1.055 * bounded ** (1 / 2.4) - 0.055;
  return Math.round(curved * 255);
}
