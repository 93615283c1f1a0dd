// Package store keeps everything: it holds every SQL statement, for SQLite and
// PostgreSQL alike.
//
// What lives here: opening and migrating a database; Change, the one shape of
// a write to a petition; AddSignatures, the one exception; the outbox; the
// cursors and leases of followers; one read method for each audience; backup,
// restore and check.
//
// What never: a rule of the law (package petition decides), permissions, HTTP,
// mail, an address in clear, or an interface of its own.
//
// # Lock order
//
// Every transaction takes its locks in this order, so that none waits for
// another in a circle: petitions by ascending id; then rows that belong to one
// petition (recent, signatures, place_counts, day_counts, pending, subscriptions,
// contacts, and places, by ascending code); then outbox, letter_counts and mailings; then counters: number, event,
// purged, generation. Leases and cursors are taken first, each by one holder.
package store
