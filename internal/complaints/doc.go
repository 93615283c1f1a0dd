// Package complaints takes complaints about petitions and about the site, lets
// officers decide them within their term, and keeps the register of what
// authorities demanded.
//
// What lives here: who may decide which complaint, the letters to both sides,
// and how a demand gets into the register.
//
// What never: a second copy of the rules (package petition decides), SQL,
// HTTP, and the removal of anything: that is an act of moderation.
package complaints
