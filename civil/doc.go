// Package civil is the calendar of the law: civil dates, legal terms and
// working-day calendars as dated data.
//
// What lives here: Date, Term, Calendar and their arithmetic.
//
// What never: a clock, a country, petitions.
package civil
