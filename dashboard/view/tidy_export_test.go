package view

import "tidemark/aggregation/combine"

// AsQuery is what a trend's page asks the book.
func AsQuery(s *Snapshot, f FigureID) combine.Query { return s.query(f.What, f.And, f.From.Cadence()) }
