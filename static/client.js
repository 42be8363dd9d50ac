// What the page says to the server.

const ATTEMPTS = 3;

/** Send one frame; every attempt carries the same id, so that it is counted once. */
export async function sendFrame(blob) {
  const form = new FormData();
  form.append("file", blob, "frame.jpg");
  form.append("prediction_id", crypto.randomUUID());
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read(await fetch("/video_frame/", { method: "POST", body: form }));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      if (attempt === ATTEMPTS) {
        throw new Error("The server cannot be reached: try again.", { cause: error });
      }
    }
  }
}

export async function fetchHealth() {
  return read(await fetch("/healthz"));
}

async function read(response) {
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  return answer;
}
