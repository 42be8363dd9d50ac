// A form as plain bytes: a Blob in a FormData takes a way through two more processes of the browser,
// which counts where a frame is sent many times a second.

const BOUNDARY = `frame-${Math.random().toString(36).slice(2)}`;
const NAMED = `--${BOUNDARY}\r\ncontent-disposition: form-data; name=`;

/** Return {body, headers} of a post with these fields, empty ones left out, and a JPEG as `file`. */
export function asMultipart(fields, jpeg) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== "");
  const parts = given.map(([name, value]) => `${NAMED}"${name}"\r\n\r\n${value}\r\n`);
  const before = `${parts.join("")}${NAMED}"file"; filename="frame.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`;
  return {
    body: joined([encode(before), jpeg, encode(`\r\n--${BOUNDARY}--\r\n`)]),
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
  };
}

const encode = (words) => new TextEncoder().encode(words);

function joined(chunks) {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
