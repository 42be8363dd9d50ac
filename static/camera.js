// The camera: a stream into the video element, and single frames out of it.

const LARGEST_SIDE = 1920;

/** Start the rear camera where there is one. Rejects with a sentence a person understands. */
export async function startCamera(video) {
  if (!navigator.mediaDevices) {
    throw new Error("The camera needs a secure address: open this page with https.");
  }
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 960 } },
    });
  } catch (error) {
    throw new Error(explain(error), { cause: error });
  }
  await video.play();
}

/** Return what the camera shows now, as a JPEG. */
export function grabFrame(video) {
  const scale = Math.min(1, LARGEST_SIDE / Math.max(video.videoWidth, video.videoHeight));
  const canvas = new OffscreenCanvas(
    Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale));
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: "image/jpeg", quality: 0.95 });
}

function explain(error) {
  switch (error.name) {
    case "NotAllowedError":
      return "The camera was refused: allow it in the browser's settings, or choose a file.";
    case "NotFoundError":
      return "No camera was found: choose a file instead.";
    default:
      return `The camera could not be started (${error.message}): choose a file instead.`;
  }
}
