// Package mail turns letters into messages and carries them away.
//
// What lives here: the words' layout (text and HTML) of every kind of letter in
// every language; the two transports, files and SMTP; the dispatcher, which
// empties the outbox; the follower, which turns events into letters and
// mailings.
//
// What never: SQL, a decision about a petition, an address or a link in a log,
// an error or a metric, a remote picture, a link that counts who opened it.
package mail
