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

class StoredRoom {
  constructor(database) {
    this.database = database;
  }

  all() {
    return finished(this.room("readonly").getAll());
  }

  put(entry) {
    return finished(this.room("readwrite").put(entry));
  }

  delete(predictionId) {
    return finished(this.room("readwrite").delete(predictionId));
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

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
