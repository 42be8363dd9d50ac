// Where captures wait for the server: IndexedDB, so that they survive a reload of the page.

const NAME = "dermhouse";
const ROOM = "waiting";

/** Open the room; where the browser has none (a private window), memory stands in. */
export async function openWaitingRoom() {
  try {
    return new StoredRoom(await finished(askToOpen()));
  } catch {
    return new RoomInMemory();
  }
}

/** What the browser will not store, on a full disk say, waits in memory all the same. */
class StoredRoom {
  unstored = new Map();

  constructor(database) {
    this.database = database;
  }

  all() {
    return finished(this.room("readonly").getAll());
  }

  async put(entry) {
    try {
      await committed(this.room("readwrite").put(entry));
    } catch {
      this.unstored.set(entry.predictionId, entry);
    }
  }

  /** Say whether an entry still waits: another tab of this browser may have taken it out. */
  async has(predictionId) {
    return this.unstored.has(predictionId) || (await finished(this.room("readonly").count(predictionId))) > 0;
  }

  async delete(predictionId) {
    if (this.unstored.delete(predictionId)) return;
    await finished(this.room("readwrite").delete(predictionId));
  }

  room(mode) {
    return this.database.transaction(ROOM, mode).objectStore(ROOM);
  }
}

class RoomInMemory {
  entries = new Map();

  async all() {
    return [...this.entries.values()];
  }

  async put(entry) {
    this.entries.set(entry.predictionId, entry);
  }

  async has(predictionId) {
    return this.entries.has(predictionId);
  }

  async delete(predictionId) {
    this.entries.delete(predictionId);
  }
}

function askToOpen() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ROOM, { keyPath: "predictionId" });
  };
  return request;
}

/** A write holds with its transaction: a full disk may be told as late as that. */
function committed({ transaction }) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = () => reject(transaction.error);
  });
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
