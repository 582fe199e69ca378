/** The channel on which schedulers hear that a schedule was made or changed. */
export const scheduleChannel = 'deckle_schedule'
