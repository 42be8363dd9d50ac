// The running result of live mode: the last answers taken together, so that it does not flicker.

const SPAN = 5;

export class Smoothing {
  answers = [];

  /** Take one more answer in; return the mean of the last five, in the form of an answer. */
  add(answer) {
    this.answers = [answer, ...this.answers].slice(0, SPAN);
    const diagnosis = mostFrequent(this.answers.map((one) => one.diagnosis));
    const agreeing = this.answers.filter((one) => one.diagnosis === diagnosis);
    return {
      ...agreeing[0],
      decision: this.decision(agreeing),
      probabilities: meanProbabilities(this.answers),
      activation: meanActivation(agreeing),
    };
  }

  /** Likely only where most of the last answers were: the same diagnosis, and likely each time. */
  decision(agreeing) {
    const most = this.answers.length / 2;
    const assessable = this.answers.filter((one) => one.decision !== "not_assessable");
    if (assessable.length < most) return "not_assessable";
    const likely = agreeing.filter((one) => one.decision === "likely");
    return likely.length > most ? "likely" : "uncertain";
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
