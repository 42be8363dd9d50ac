// The camera page, put together: what the person does goes down, what is answered comes up.

import { Camera } from "./camera.js";
import { connectCamera } from "./camera_panel.js";
import { Captures } from "./captures.js";
import { fetchSettings } from "./client.js";
import { showComparison } from "./comparison.js";
import { connectContext } from "./context.js";
import { connectDialogs } from "./dialogs.js";
import { connectDrop } from "./drop.js";
import { byId } from "./elements.js";
import { knowLimit, showFault } from "./faults.js";
import { Gallery } from "./gallery.js";
import { Live } from "./live.js";
import { connectLive } from "./live_panel.js";
import { connectNavigation } from "./navigation.js";
import { connectNotice } from "./notice.js";
import { Outbox } from "./outbox.js";
import { makeResult } from "./result.js";
import { connectSending } from "./sending.js";
import { connectShutter } from "./shutter.js";
import { startTexts } from "./texts.js";
import { Viewer } from "./viewer.js";

const RETRY_MS = 2000;

await startTexts();
connectNavigation();
connectDialogs();

const camera = new Camera(byId("video"));
connectCamera(camera);
camera.start();

const settings = await settingsOnceThere();
knowLimit(settings.max_upload_bytes);
start(settings);

function start(settings) {
  const { diagnoses } = settings.vocabulary;
  const captures = new Captures();
  const outbox = new Outbox();
  const notice = connectNotice(settings);
  const context = connectContext(settings);
  const viewer = new Viewer(captures, outbox, settings);
  const gallery = new Gallery(captures, diagnoses, {
    open: (key) => open(key),
    compare: (one, other) => showComparison(one, other, diagnoses),
  });
  const result = makeResult(captures, diagnoses, notice, (key, part) => open(key, part));
  const live = new Live(camera);
  const send = connectSending({ captures, outbox, context, result, live, settings });
  connectLive({ live, camera, context, result, settings });
  connectShutter({ camera, live, send });
  connectDrop(send);
  document.documentElement.dataset.ready = ""; // whoever drives the page from outside may begin

  function open(key, part) {
    viewer.open(key, gallery.visible.map((capture) => capture.key), part);
  }
}

/** Wait for the server; the page says that it does. */
async function settingsOnceThere() {
  for (;;) {
    try {
      const settings = await fetchSettings();
      byId("fault").replaceChildren();
      return settings;
    } catch (error) {
      showFault(error);
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
}
