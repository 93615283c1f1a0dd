package mail

import "github.com/dauys/dauys/internal/letter"

// why says at the foot of a letter why its reader gets it.
type why int

const (
	toProve       why = iota // somebody typed the address: "if it was not you, do nothing"
	toAuthor                 // the reader started the petition
	toReader                 // the reader asked for news, and can stop them
	toComplainant            // the reader left the address with a complaint
	toBody                   // the reader is the body that is addressed
)

// shape says which arguments a kind of letter has, and where they stand.
// The words are mail.<kind>.subject, .what, .do and, where numbers are told,
// .count.
type shape struct {
	why       why
	untitled  bool     // speaks of no petition
	link      string   // argument with the main link; "" for none
	until     string   // key of the line with the argument until; "" for none
	mayLack   bool     // until may be empty, and then the line is left out
	second    []string // arguments with further links, each below its own words
	number    string   // argument with the number that .count tells
	stage     bool     // argument stage: a name in the reader's language
	reason    bool     // arguments reason, in the reader's language, and note
	outcome   bool     // arguments ref and outcome of a complaint, and note
	member    bool     // argument member: a name
	words     bool     // arguments headline and words: what a petitioner tells
	officer   bool     // arguments subject and words: what an officer writes to many
	otherwise string   // instead of .do when until is empty
}

// shapes is the table of all kinds. Letters that prove an address have one
// link and no other.
var shapes = map[letter.Kind]shape{
	letter.Sign:         {link: "link", until: "mail.until.link"},
	letter.Withdraw:     {link: "link", until: "mail.until.link"},
	letter.WithdrawNone: {},
	letter.Follow:       {link: "link", until: "mail.until.link"},
	letter.Start:        {link: "link", until: "mail.until.link"},
	letter.Login:        {link: "link", until: "mail.until.link", untitled: true},

	letter.Started:   {why: toAuthor, link: "share", until: "mail.until.support", mayLack: true, second: []string{"mine"}, number: "threshold"},
	letter.Queued:    {why: toAuthor, link: "mine", until: "mail.until.decision", mayLack: true},
	letter.Delay:     {why: toAuthor, link: "mine", officer: true},
	letter.Returned:  {why: toAuthor, link: "mine", reason: true},
	letter.Refused:   {why: toAuthor, link: "mine", until: "mail.until.appeal", mayLack: true, otherwise: "mail.refused.final", second: []string{"page"}, reason: true},
	letter.Upheld:    {why: toAuthor, link: "mine", second: []string{"page"}, reason: true},
	letter.Published: {why: toAuthor, link: "page", until: "mail.until.signing", mayLack: true, second: []string{"mine"}},
	letter.Lapsed:    {why: toAuthor, link: "mine"},
	letter.Stage:     {why: toAuthor, link: "page", second: []string{"mine"}, number: "threshold", stage: true},
	letter.Delivered: {why: toAuthor, link: "page", until: "mail.until.answer", mayLack: true, second: []string{"mine"}, stage: true},
	letter.Answered:  {why: toAuthor, link: "page", second: []string{"mine"}},
	letter.Closed:    {why: toAuthor, link: "page", second: []string{"mine"}, number: "count"},

	letter.Archived: {why: toAuthor, link: "page", until: "mail.until.contact", second: []string{"mine"}},
	letter.Hidden:   {why: toAuthor, link: "mine", second: []string{"page"}, reason: true},
	letter.Restored: {why: toAuthor, link: "page", second: []string{"mine"}},
	letter.Removed:  {why: toAuthor, link: "mine", second: []string{"page"}, reason: true},

	letter.ComplaintDecided: {why: toComplainant, untitled: true, link: "page", outcome: true},
	letter.ComplaintAbout:   {why: toAuthor, link: "page", second: []string{"mine"}, outcome: true},

	letter.NewsOpen:     {why: toReader, link: "page"},
	letter.NewsStage:    {why: toReader, link: "page", number: "threshold", stage: true},
	letter.NewsAnswer:   {why: toReader, link: "page"},
	letter.NewsDelivery: {why: toReader, link: "page", stage: true},
	letter.NewsClosed:   {why: toReader, link: "page", number: "count"},

	letter.Data:        {link: "link", until: "mail.until.link"},
	letter.Member:      {link: "link", until: "mail.until.member"},
	letter.Seeking:     {why: toAuthor, link: "mine"},
	letter.MemberYes:   {why: toAuthor, link: "mine", member: true},
	letter.MemberNo:    {why: toAuthor, link: "mine", member: true},
	letter.Checked:     {why: toAuthor, link: "share", until: "mail.until.support", mayLack: true, second: []string{"mine"}, number: "threshold"},
	letter.Dissolved:   {why: toAuthor, link: "mine"},
	letter.Extended:    {why: toAuthor, link: "mine", until: "mail.until.signing", mayLack: true},
	letter.NewsStopped: {why: toReader, link: "page"},
	letter.Org:         {link: "link", until: "mail.until.link"},
	letter.NoteRefused: {why: toAuthor, link: "mine", reason: true},
	letter.MergeOffer:  {why: toAuthor, link: "mine"},
	letter.MergeNo:     {why: toAuthor, link: "mine"},
	letter.Merged:      {why: toAuthor, link: "page", second: []string{"mine"}},
	letter.OrgYes:      {why: toAuthor, link: "mine"},
	letter.OrgNo:       {why: toAuthor, link: "mine"},
	letter.NewsNote:    {why: toReader, link: "page", words: true},
	letter.NewsChanged: {why: toReader, link: "page"},
	letter.NewsMerged:  {why: toReader, link: "page"},

	letter.BodyDue:     {why: toBody, link: "page", until: "mail.until.answer", stage: true},
	letter.BodyOverdue: {why: toBody, link: "page", until: "mail.until.answer", stage: true},
}
