package mail

import (
	"errors"
	"strings"
	"testing"
)

// report is a delivery status notification with the given groups of fields.
func report(to string, groups ...string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@mx.mail.example
To: `+to+`
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

The mail system could not deliver it.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.mail.example

`+strings.Join(groups, "\n")+`
--b1
Content-Type: message/rfc822

Subject: the letter

words
--b1--
`, "\n", "\r\n")
}

const tagged = "<bounces+abc@petitions.example>"

func recipient(action, status string) string {
	return "Final-Recipient: rfc822; nobody@mail.example\nAction: " + action + "\nStatus: " + status + "\n"
}

func TestReports(t *testing.T) {
	base64ed := "Content-Transfer-Encoding: base64\r\n\r\n" + "UmVwb3J0aW5nLU1UQTogZG5zOyBteA0KDQpBY3Rpb246IGZhaWxlZA0KU3RhdHVzOiA1LjEuMQ0K"
	for name, c := range map[string]struct {
		message      string
		failed, hard bool
		status       string
	}{
		"no such address":        {report(tagged, recipient("failed", "5.1.1")), true, true, "5.1.1"},
		"disabled":               {report(tagged, recipient("failed", "5.2.1 (disabled)")), true, true, "5.2.1"},
		"mailbox full":           {report(tagged, recipient("failed", "5.2.2")), true, false, "5.2.2"},
		"tried for five days":    {report(tagged, recipient("failed", "4.4.7")), true, false, "4.4.7"},
		"small and large":        {report(tagged, "ACTION: Failed\nstatus: 5.1.1\n"), true, true, "5.1.1"},
		"delayed":                {report(tagged, recipient("delayed", "4.4.1")), false, false, ""},
		"delivered":              {report(tagged, recipient("delivered", "2.0.0")), false, false, ""},
		"failed, and fine":       {report(tagged, recipient("failed", "2.0.0")), false, false, ""},
		"one of two":             {report(tagged, recipient("delivered", "2.0.0"), recipient("failed", "5.1.1")), true, false, "5.1.1"},
		"a code that is none":    {report(tagged, recipient("failed", "five")), true, false, ""},
		"packed":                 {strings.Replace(report(tagged), "\r\n\r\nReporting-MTA: dns; mx.mail.example", "\r\n"+base64ed, 1), true, true, "5.1.1"},
		"cut off after the code": {strings.Split(report(tagged, recipient("failed", "5.1.1")), "--b1\r\nContent-Type: message/rfc822")[0], true, true, "5.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			rep, err := ReadReport(strings.NewReader(c.message))
			if err != nil || rep.Failed != c.failed || rep.Hard != c.hard || rep.Status != c.status {
				t.Errorf("%+v, %v", rep, err)
			}
			if tag, ok := rep.TagOf("Bounces@Petitions.example"); tag != "abc" || !ok {
				t.Errorf("tag %q", tag)
			}
		})
	}
}

func TestNotReports(t *testing.T) {
	for name, message := range map[string]string{
		"nothing":            "",
		"no header":          "\x00\xff",
		"a person":           "From: a@mail.example\r\nTo: " + tagged + "\r\n\r\nPlease stop.\r\n",
		"an automatic reply": "To: " + tagged + "\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain\r\n\r\nOn holiday\r\n",
		"was it read":        strings.Replace(report(tagged), "delivery-status", "disposition-notification", 1),
		"no boundary":        strings.Replace(report(tagged), `; boundary="b1"`, "", 1),
		"no status":          strings.Replace(report(tagged), "message/delivery-status", "text/plain", 1),
		"nobody named":       report(tagged),
		"many parts": "To: a@b.example\r\nContent-Type: multipart/report; boundary=x\r\n\r\n" + strings.Repeat("--x\r\n\r\n\r\n", 100) +
			"--x\r\nContent-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nAction: failed\r\n",
	} {
		if rep, err := ReadReport(strings.NewReader(message)); !errors.Is(err, ErrNoReport) {
			t.Errorf("%s: %+v, %v", name, rep, err)
		}
	}
}

func TestTagOf(t *testing.T) {
	for to, want := range map[string]string{
		"bounces+abc@petitions.example": "abc", "BOUNCES+ABC@PETITIONS.EXAMPLE": "ABC", "bounces+a+b@petitions.example": "a+b",
		"bounces@petitions.example": "", "bounces+@petitions.example": "", "bounces+abc@other.example": "", "others+abc@petitions.example": "",
		"": "", "@": "", "bounces+abc": "",
	} {
		tag, ok := Report{To: []string{"x@y.example", to}}.TagOf("bounces@petitions.example")
		if tag != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", to, tag, ok)
		}
	}
}

// The headers that mail servers write on delivery are looked at, too.
func TestReportsSentOn(t *testing.T) {
	m := "Delivered-To: postmaster@petitions.example\r\nX-Original-To: bounces+abc@petitions.example\r\n" + report("somebody@else.example", recipient("failed", "5.1.1"))
	rep, err := ReadReport(strings.NewReader(m))
	if tag, ok := rep.TagOf("bounces@petitions.example"); err != nil || tag != "abc" || !ok {
		t.Errorf("tag %q, %v", tag, err)
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(report(tagged, recipient("failed", "5.1.1")))
	f.Add(report(tagged, recipient("delayed", "4.4.1"), recipient("failed", "5.2.2")))
	f.Add(strings.Replace(report(tagged), "\r\n\r\nReporting", "\r\nContent-Transfer-Encoding: base64\r\n\r\nUmVw", 1))
	f.Add("To: =?utf-8?q?a?= <a@b.example>,\r\nContent-Type: multipart/report; boundary=\"\r\n\r\n")
	f.Fuzz(func(t *testing.T, message string) {
		rep, err := ReadReport(strings.NewReader(message))
		if err != nil && !errors.Is(err, ErrNoReport) {
			t.Errorf("an error of another kind: %v", err)
		}
		if err != nil && (rep.Failed && rep.Hard) || rep.Hard && (!rep.Failed || !goneCode(rep.Status)) {
			t.Errorf("%+v, %v", rep, err)
		}
		if rep.Status != "" && status.FindString(rep.Status) != rep.Status {
			t.Errorf("status %q", rep.Status)
		}
		if tag, ok := rep.TagOf("bounces@petitions.example"); ok && (tag == "" || len(tag) > len(message)) {
			t.Errorf("tag %q", tag)
		}
	})
}
