// The running result of live mode: the last answers taken together, so that it does not flicker.

const SPAN = 5;

export class Smoothing {
  answers = [];

  /** Take one more answer in; return the mean of the last five, in the form of an answer. */
  add(answer) {
    this.answers = [answer, ...this.answers].slice(0, SPAN);
    const counted = this.counted();
    const diagnosis = mostFrequent(counted.map((one) => one.diagnosis));
    const agreeing = counted.filter((one) => one.diagnosis === diagnosis);
    return {
      ...agreeing[0],
      decision: this.decision(agreeing),
      probabilities: meanProbabilities(counted),
      activation: meanActivation(agreeing),
      quality: answer.quality, // the hints are about the picture of now
    };
  }

  /** Return the assessable answers, which alone may name a diagnosis; where most are not, those. */
  counted() {
    const assessable = this.answers.filter((one) => one.decision !== "not_assessable");
    return assessable.length < this.answers.length / 2
      ? this.answers.filter((one) => one.decision === "not_assessable")
      : assessable;
  }

  /** Likely only where most of the last answers were: the same diagnosis, and likely each time. */
  decision(agreeing) {
    if (agreeing[0].decision === "not_assessable") return "not_assessable";
    const likely = agreeing.filter((one) => one.decision === "likely");
    return likely.length > this.answers.length / 2 ? "likely" : "uncertain";
  }
}

/** Return the value that occurs most; of several, the newest. */
function mostFrequent(values) {
  const times = (value) => values.filter((other) => other === value).length;
  return values.reduce((best, value) => (times(value) > times(best) ? value : best));
}

function meanProbabilities(answers) {
  const codes = Object.keys(answers[0].probabilities);
  const mean = (code) => answers.reduce((sum, one) => sum + one.probabilities[code], 0) / answers.length;
  return Object.fromEntries(codes.map((code) => [code, mean(code)]));
}

function meanActivation(answers) {
  const maps = answers.map((one) => one.activation).filter(Boolean);
  if (maps.length === 0) return null;
  const values = maps[0].values.map(
    (_, place) => maps.reduce((sum, map) => sum + map.values[place], 0) / maps.length);
  return { ...maps[0], values };
}
