// Package moderation leads a petition through its process: start, proof of the
// petitioner's address, the desk's decisions, the petitioner's own acts, and
// what the calendar does.
//
// What lives here: who may do what to which petition, and the letters that
// prove the petitioner's address.
//
// What never: a second copy of the state machine (package petition decides),
// SQL, HTTP, notifications (package mail follows the events).
package moderation
