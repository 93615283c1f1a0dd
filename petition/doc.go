// Package petition is the law: the nouns of a petition, its state machine and
// the rules of a profile, as pure functions of (record, profile, now).
//
// What lives here: Petition, Profile, Event, Change; Decide, Count, Tick and
// the other acts; Phase, which derives what pages show from what was decided;
// civil dates, terms and working-day calendars.
//
// What never: a clock, a context, SQL, HTTP, files, randomness, the language
// of messages, or the name of a country.
package petition
