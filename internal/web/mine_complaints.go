package web

import (
	"context"

	"github.com/dauys/dauys/internal/i18n"
	"github.com/dauys/dauys/internal/moderation"
	"github.com/dauys/dauys/petition"
)

// mineComplaints is what the petitioner is told of complaints about their
// petition; the template is mine_complaints.
type mineComplaints struct {
	Collects bool // signatures go on being counted meanwhile
	Waiting  []mineComplaint
	Decided  []mineComplaint
	More     int64 // that are not listed
}

// mineComplaint is one complaint, without who complained and in which words.
type mineComplaint struct {
	Ref, Ground string
	On          petition.Date // when it arrived
	By          petition.Date // last day for the decision
	Left        tag           // of one that waits
	Late        bool
	Outcome     string        // of one that was decided
	Decided     petition.Date // when
	Reason      string
}

// mineComplaints are the complaints about a petition; nil for none. Their terms
// run by the law of the site, whichever the petition is pinned to.
func (w *Web) mineComplaints(ctx context.Context, pr *i18n.Printer, m moderation.Mine) (*mineComplaints, error) {
	list, total, err := w.complaints.Mine(ctx, m.Petition.ID)
	if err != nil || total == 0 {
		return nil, err
	}
	v := &mineComplaints{Collects: m.Law.PhaseOf(m.Petition, w.now()).Key == "collecting", More: int64(total - len(list))}
	for _, c := range list {
		row := mineComplaint{Ref: c.Ref, Ground: pr.T("complain.ground." + string(c.Ground)), On: w.law.Today(c.At), By: lastDay(w.law, c.DecideBy)}
		if c.State == petition.ComplaintReceived {
			row.Left, row.Late = w.complaintLeft(pr, c), row.By.Before(w.law.Today(w.now()))
			v.Waiting = append(v.Waiting, row)
			continue
		}
		row.Outcome, row.Decided, row.Reason = pr.T("complaint.outcome."+string(c.Outcome)), w.law.Today(c.Decided), c.Reason
		v.Decided = append(v.Decided, row)
	}
	return v, nil
}
