// The way of every capture to the server: it waits here until it is answered or refused for good.

import { AwayError, sendCapture, withdrawSent } from "./client.js";
import { openWaitingRoom } from "./waiting_room.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15000;

/**
 * Tells `answered`, `withdrawn`, `refused`, `away` and `gone` (detail: {entry, answer | error}), and
 * `change`. An entry is a capture, or, with `withdraws`, the wish that a sent one be deleted.
 */
export class Outbox extends EventTarget {
  entries = new Map();
  room = openWaitingRoom(); // a capture may come before the browser has opened it
  isSending = false;
  pause = FIRST_PAUSE_MS;
  timer = null;

  /** Return the captures that an earlier visit left waiting, oldest first. */
  async open() {
    const left = await (await this.room).all();
    left.sort((a, b) => a.capturedAt.localeCompare(b.capturedAt));
    for (const entry of left) this.entries.set(entry.predictionId, entry);
    addEventListener("online", () => this.send());
    return left.filter(isCapture);
  }

  /** Return how many captures wait. */
  get count() {
    return [...this.entries.values()].filter(isCapture).length;
  }

  /** Keep a capture and send it: it is safe before anything can go wrong. */
  async put(entry) {
    await this.keep(entry);
    await this.send();
  }

  /**
   * Withdraw a waiting capture. The server may have it all the same, where an answer was lost on
   * its way or is on it now: what it has is deleted there as soon as it can be asked.
   */
  async withdraw(predictionId) {
    const capturedAt = new Date().toISOString();
    await this.keep({ predictionId: `withdrawal of ${predictionId}`, withdraws: predictionId, capturedAt });
    await this.drop(predictionId);
    this.send();
  }

  async keep(entry) {
    await (await this.room).put(entry);
    this.entries.set(entry.predictionId, entry);
    this.tell("change");
  }

  async drop(predictionId) {
    this.entries.delete(predictionId);
    await (await this.room).delete(predictionId);
    this.tell("change");
  }

  /** Send what waits, one after another; what cannot be answered now is tried again later. */
  async send() {
    if (this.isSending) return;
    this.isSending = true;
    clearTimeout(this.timer);
    const tried = new Set();
    let isAway = false;
    for (let entry; (entry = this.next(tried)) && !isAway; ) {
      tried.add(entry.predictionId);
      isAway = await this.sendOne(entry);
    }
    this.isSending = false;
    if (this.entries.size > 0) this.sendLater();
    else this.pause = FIRST_PAUSE_MS;
  }

  next(tried) {
    return [...this.entries.values()].find((entry) => !tried.has(entry.predictionId));
  }

  /** Return whether the server is away, so that the rest need not be tried. */
  async sendOne(entry) {
    if (!(await this.isHere(entry))) {
      await this.drop(entry.predictionId);
      this.tell("gone", { entry });
      return false;
    }
    try {
      const answer = await (isCapture(entry) ? sendCapture(entry) : withdrawSent(entry.withdraws));
      await this.drop(entry.predictionId);
      this.pause = FIRST_PAUSE_MS;
      this.tell(isCapture(entry) ? "answered" : "withdrawn", { entry, answer });
    } catch (error) {
      // What this person may not send, the next who signs in may.
      if (error instanceof AwayError || error.status === 403) {
        this.tell("away", { entry, error });
        return error.status === null;
      }
      await this.drop(entry.predictionId);
      this.tell("refused", { entry, error });
    }
    return false;
  }

  /** Say whether no other tab has sent or deleted a capture; where the room cannot be asked, it is here. */
  async isHere({ predictionId }) {
    const room = await this.room;
    return room.has(predictionId).catch(() => true);
  }

  sendLater() {
    this.timer = setTimeout(() => this.send(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

const isCapture = ({ withdraws }) => !withdraws;
