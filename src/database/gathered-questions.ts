interface Waiting<Question, Answer> {
  readonly question: Question
  resolve(answer: Answer): void
  reject(error: unknown): void
}

/** Statements under way at a time: one that is slow does not hold up all others, and the fuller each is, the less a question costs. */
const atOnce = 2
/** Questions of one statement: none keeps the others waiting for long when the disk has to be read. */
const most = 64

/**
 * Questions that come at once share one statement. Those of one turn of the event loop go together at its end, without a timer, so that
 * a single one waits for nothing; those that come while statements are under way share the next. Each question is put after it was asked.
 */
export class GatheredQuestions<Question, Answer> {
  /** Answers all questions in their order; what it throws, everybody gets who has asked. */
  readonly #answerAll: (questions: readonly Question[]) => Promise<readonly Answer[]>
  #waiting: Waiting<Question, Answer>[] = []
  #running = 0
  #isTurn = false

  constructor(answerAll: (questions: readonly Question[]) => Promise<readonly Answer[]>) {
    this.#answerAll = answerAll
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject })
      if (this.#isTurn || this.#running >= atOnce) return
      this.#isTurn = true
      setImmediate(() => {
        this.#isTurn = false
        this.#putAll()
      })
    })
  }

  #putAll(): void {
    while (this.#waiting.length > 0 && this.#running < atOnce) {
      const batch = this.#waiting.slice(0, most)
      this.#waiting = this.#waiting.slice(most)
      this.#running++
      void this.#put(batch)
    }
  }

  async #put(batch: readonly Waiting<Question, Answer>[]): Promise<void> {
    try {
      const answers = await this.#answerAll(batch.map(({ question }) => question))
      for (const [index, answer] of answers.entries()) batch[index]?.resolve(answer)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#running--
      this.#putAll()
    }
  }
}
