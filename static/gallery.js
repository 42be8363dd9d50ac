// The captures of this visit, newest first.

const gallery = document.getElementById("gallery");
const template = document.getElementById("card");

/** Show one answered frame. */
export function showAnswer(blob, answer) {
  const card = template.content.cloneNode(true).firstElementChild;
  const [detection] = answer.detections;
  card.dataset.predictionId = answer.prediction_id;
  card.classList.toggle("malignant", answer.is_malignant);
  showPicture(card.querySelector(".picture"), blob);
  card.querySelector(".diagnosis").textContent =
    detection.class + (answer.is_malignant ? " (malignant)" : "");
  card.querySelector(".decision").textContent =
    `${answer.decision === "likely" ? "Likely" : "Uncertain"}, ${percent(detection.confidence)}`;
  card.querySelector(".bars").append(...bars(answer.probabilities));
  card.querySelector(".trace").textContent = `${answer.model}, ${answer.latency_ms} ms`;
  document.getElementById("empty").hidden = true;
  gallery.prepend(card);
}

function showPicture(image, blob) {
  const address = URL.createObjectURL(blob);
  image.onload = () => URL.revokeObjectURL(address);
  image.alt = "Captured frame";
  image.src = address;
}

function bars(probabilities) {
  const ordered = Object.entries(probabilities).sort((a, b) => b[1] - a[1]);
  return ordered.map(([code, share]) => {
    const row = document.createElement("li");
    const bar = document.createElement("progress");
    bar.value = share;
    bar.setAttribute("aria-label", code);
    row.append(label(code), bar, label(percent(share)));
    return row;
  });
}

function label(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
