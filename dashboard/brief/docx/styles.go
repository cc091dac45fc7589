package docx

import "fmt"

// style is a paragraph style. Its properties stand in the order that the schema wants.
type style struct {
	id, name, based, next string
	paragraph, run        markup
}

// The palette of the pages.
const (
	ink    = "18222D"
	accent = "0F4C81"
	faint  = "55626F"
	rule   = "C5D0DA"
	ground = "F3F6F9"
	alarm  = "FFF1C2"
)

var paragraphStyles = []style{
	{"Title", "Title", "Normal", "Normal", `<w:keepNext/><w:spacing w:before="0" w:after="160" w:line="240" w:lineRule="auto"/>`, `<w:b/><w:bCs/><w:color w:val="` + accent + `"/>` + size(44)},
	{"Heading1", "heading 1", "Normal", "Normal", heading(360, 120, 0), `<w:b/><w:bCs/><w:color w:val="` + accent + `"/>` + size(30)},
	{"Heading2", "heading 2", "Normal", "Normal", heading(280, 80, 1), `<w:b/><w:bCs/>` + size(25)},
	{"Heading3", "heading 3", "Normal", "Normal", heading(240, 60, 2), `<w:b/><w:bCs/>` + size(22)},
	{"Lead", "Lead", "Normal", "Normal", `<w:spacing w:after="200"/>`, `<w:color w:val="` + faint + `"/>` + size(24)},
	{"Quote", "Quote", "Normal", "Normal", `<w:spacing w:before="120" w:after="160"/><w:ind w:left="567" w:right="567"/>`, `<w:color w:val="` + faint + `"/>`},
	{"Small", "Small", "Normal", "Normal", `<w:spacing w:after="160"/>`, `<w:color w:val="` + faint + `"/>` + size(18)},
	{"ListParagraph", "List Paragraph", "Normal", "", `<w:spacing w:after="80"/>`, ``},
	{"Caption", "caption", "Normal", "Normal", `<w:keepNext/><w:spacing w:before="200" w:after="80"/>`, `<w:b/><w:bCs/>` + size(20)},
	{"Picture", "Picture", "Normal", "Normal", `<w:keepNext/><w:spacing w:before="160" w:after="60" w:line="240" w:lineRule="auto"/>`, ``},
	{"PictureCaption", "Picture caption", "Caption", "Normal", `<w:keepNext w:val="0"/><w:spacing w:before="0" w:after="120"/>`, ``},
	{"TableText", "Table text", "Normal", "", `<w:spacing w:before="30" w:after="30" w:line="240" w:lineRule="auto"/>`, size(19)},
	{"TableNumber", "Table number", "TableText", "", `<w:jc w:val="right"/>`, ``},
	{"Gap", "Gap", "Normal", "Normal", `<w:spacing w:before="0" w:after="0" w:line="160" w:lineRule="exact"/>`, size(8)},
	{"BoxTitle", "Box title", "BoxNormal", "BoxNormal", `<w:keepNext/>`, `<w:b/><w:bCs/><w:color w:val="` + accent + `"/>`},
	{"FootnoteText", "footnote text", "Normal", "", `<w:spacing w:after="40" w:line="240" w:lineRule="auto"/>`, size(18)},
	{"Warning", "Warning", "Normal", "", `<w:pBdr>` + edges + `</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="` + alarm + `"/><w:spacing w:after="120"/><w:ind w:left="220" w:right="220"/><w:jc w:val="center"/>`, `<w:b/><w:bCs/>` + size(19)},
	{"Footer", "footer", "Normal", "", `<w:spacing w:after="0" w:line="240" w:lineRule="auto"/>`, `<w:color w:val="` + faint + `"/>` + size(16)},
	{"PageNumber", "Page number", "Footer", "", `<w:jc w:val="right"/>`, ``},
}

// twins are the styles that there is also for what stands in a box.
var twins = []string{"Normal", "Lead", "Quote", "Small", "Heading1", "Heading2", "Heading3", "ListParagraph", "Caption", "Picture", "PictureCaption"}

const edges = `<w:top w:val="single" w:sz="4" w:space="4" w:color="` + rule + `"/><w:left w:val="single" w:sz="4" w:space="11" w:color="` + rule + `"/>` +
	`<w:bottom w:val="single" w:sz="4" w:space="4" w:color="` + rule + `"/><w:right w:val="single" w:sz="4" w:space="11" w:color="` + rule + `"/>`

func size(halfPoints int) markup {
	return markup(fmt.Sprintf(`<w:sz w:val="%d"/><w:szCs w:val="%d"/>`, halfPoints, halfPoints+2)) // Arabic letters are smaller
}

func heading(before, after, level int) markup {
	return markup(fmt.Sprintf(`<w:keepNext/><w:keepLines/><w:spacing w:before="%d" w:after="%d" w:line="240" w:lineRule="auto"/><w:outlineLvl w:val="%d"/>`, before, after, level))
}

var indent = markup(fmt.Sprintf(`<w:ind w:left="%d" w:right="%d"/>`, inset, inset))

func (w *writer) styles() []byte {
	var p part
	p.put(`<w:styles ` + namespaces + `>`)
	w.defaults(&p)
	for _, s := range paragraphStyles {
		p.style(s)
	}
	for _, id := range twins {
		p.style(style{
			id: "Box" + id, name: "Box " + id, based: id,
			paragraph: `<w:pBdr>` + edges + `</w:pBdr><w:shd w:val="clear" w:color="auto" w:fill="` + ground + `"/>` + indent,
		})
	}
	p.put(otherStyles)
	p.put(`</w:styles>`)
	return []byte(declaration + p.String())
}

func (w *writer) defaults(p *part) {
	side := "val"
	if w.RTL {
		side = "bidi"
	}
	p.put(`<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:eastAsia="Calibri" w:cs="Arial"/><w:color w:val="`+ink+`"/>%s<w:lang w:%s="%s"/></w:rPr></w:rPrDefault>`, size(21), side, w.Lang)
	p.put(`<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>`)
	p.put(`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>`)
}

func (p *part) style(s style) {
	p.put(`<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="%s"/>`, s.id, s.name, s.based)
	if s.next != "" {
		p.put(`<w:next w:val="%s"/>`, s.next)
	}
	p.put(`<w:qFormat/>`)
	p.put(`<w:pPr>%s</w:pPr><w:rPr>%s</w:rPr></w:style>`, s.paragraph, s.run)
}

const otherStyles = `<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/></w:style>` +
	`<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="` + accent + `"/><w:u w:val="single"/></w:rPr></w:style>` +
	`<w:style w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/><w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>` +
	`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
	`<w:style w:type="table" w:styleId="Figures"><w:name w:val="Figures"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>` +
	`<w:top w:val="single" w:sz="8" w:space="0" w:color="` + accent + `"/><w:left w:val="single" w:sz="4" w:space="0" w:color="` + rule + `"/><w:bottom w:val="single" w:sz="8" w:space="0" w:color="` + accent + `"/><w:right w:val="single" w:sz="4" w:space="0" w:color="` + rule + `"/>` +
	`<w:insideH w:val="single" w:sz="4" w:space="0" w:color="` + rule + `"/><w:insideV w:val="single" w:sz="4" w:space="0" w:color="` + rule + `"/></w:tblBorders></w:tblPr>` +
	`<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:bCs/></w:rPr><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="` + ground + `"/></w:tcPr></w:tblStylePr></w:style>`

// bullets is the numbering of lists without numbers; those with some come after it.
const bullets = 1

func (w *writer) numbering() []byte {
	var p part
	p.put(`<w:numbering ` + namespaces + `>`)
	for i, l := range []struct{ kind, text string }{{"bullet", "•"}, {"decimal", "%1."}} {
		p.put(`<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="%s"/><w:lvlText w:val="%s"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="%d" w:hanging="%d"/></w:pPr></w:lvl></w:abstractNum>`, i, l.kind, l.text, 2*inset, inset)
	}
	p.put(`<w:num w:numId="%d"><w:abstractNumId w:val="0"/></w:num>`, bullets)
	for i := range w.ordered {
		p.put(`<w:num w:numId="%d"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, bullets+1+i)
	}
	p.put(`</w:numbering>`)
	return []byte(declaration + p.String())
}
