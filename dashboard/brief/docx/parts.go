package docx

import (
	"encoding/base64"
	"slices"

	"tidemark/dashboard/brief/doc"
)

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml."

// parts is everything that is in the package. The content types come first, by which
// programs tell a DOCX from another zip.
func (w *writer) parts(custom []byte) []file {
	for _, kind := range []string{"styles", "settings", "numbering", "footnotes"} {
		w.main.inner(kind, kind+".xml")
	}
	var fs []file
	if len(custom) > 0 {
		w.main.inner("customXml", "../customXml/item1.xml")
		fs = customParts(custom)
	}
	fs = slices.Concat(
		[]file{{"_rels/.rels", packageRels()}, {"docProps/core.xml", w.core()}},
		w.main.files("word/", "document.xml"), w.notes.files("word/", "footnotes.xml"), w.margins(),
		[]file{{"word/styles.xml", w.styles()}, {"word/settings.xml", w.settings()}, {"word/numbering.xml", w.numbering()}},
		w.media, fs)
	return append([]file{{"[Content_Types].xml", contentTypes(fs)}}, fs...)
}

var contentType = map[string]string{
	"word/document.xml":        word + "document.main+xml",
	"word/footnotes.xml":       word + "footnotes+xml",
	"word/header1.xml":         word + "header+xml",
	"word/footer1.xml":         word + "footer+xml",
	"word/styles.xml":          word + "styles+xml",
	"word/settings.xml":        word + "settings+xml",
	"word/numbering.xml":       word + "numbering+xml",
	"docProps/core.xml":        "application/vnd.openxmlformats-package.core-properties+xml",
	"customXml/itemProps1.xml": "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
}

func contentTypes(fs []file) []byte {
	var p part
	p.put(`<Types xmlns="` + packaging + `content-types">`)
	p.put(`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`)
	p.put(`<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="svg" ContentType="image/svg+xml"/>`)
	for _, f := range fs {
		if kind := contentType[f.name]; kind != "" {
			p.put(`<Override PartName="/%s" ContentType="%s"/>`, f.name, kind)
		}
	}
	p.put(`</Types>`)
	return []byte(declaration + p.String())
}

func packageRels() []byte {
	return relationships([]ref{
		{kind: office + "/officeDocument", target: "word/document.xml"},
		{kind: packaging + "relationships/metadata/core-properties", target: "docProps/core.xml"},
	})
}

// core has neither author nor time: a brief is its coalition's, and the same everywhere.
func (w *writer) core() []byte {
	var p part
	p.put(`<cp:coreProperties xmlns:cp="`+packaging+`metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>%s</dc:title><dc:language>%s</dc:language></cp:coreProperties>`, w.Title, w.Lang)
	return []byte(declaration + p.String())
}

func (w *writer) settings() []byte {
	return []byte(declaration + `<w:settings ` + namespaces + `><w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/>` +
		`<w:footnotePr><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>` +
		`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat></w:settings>`)
}

// manifest is the element around the custom bytes.
const manifest = "urn:tidemark:brief"

func customParts(custom []byte) []file {
	var item, props part
	item.put(`<manifest xmlns="`+manifest+`">%s</manifest>`, base64.StdEncoding.EncodeToString(custom))
	item.inner("customXmlProps", "itemProps1.xml")
	props.put(`<ds:datastoreItem ds:itemID="{7C2D5B0E-5D0B-4E52-9C3B-0B6D1F1E7A44}" xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"><ds:schemaRefs><ds:schemaRef ds:uri="` + manifest + `"/></ds:schemaRefs></ds:datastoreItem>`)
	return append(item.files("customXml/", "item1.xml"), props.files("customXml/", "itemProps1.xml")...)
}

// section ends the main part: the page, and what stands on every one.
func (w *writer) section() {
	p := &w.main
	p.put(`<w:sectPr>`)
	if w.Warning != "" {
		p.put(`<w:headerReference w:type="default" r:id="%s"/>`, p.inner("header", "header1.xml"))
	}
	p.put(`<w:footerReference w:type="default" r:id="%s"/>`, p.inner("footer", "footer1.xml"))
	p.put(`<w:pgSz w:w="%d" w:h="%d"/>`, pageWidth, pageHeight)
	p.put(`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/>`, margin, margin, margin, margin)
	p.put(`%s</w:sectPr>`, w.onlyRTL(`<w:bidi/>`))
}

// margins is the warning above every page, and its foot and number below.
func (w *writer) margins() []file {
	var head, foot part
	foot.put(`<w:ftr ` + namespaces + `>`)
	if w.Foot != "" {
		w.begin(&foot, "Footer", "")
		w.run(&foot, doc.Inline{Text: w.Foot})
		foot.put(`</w:p>`)
	}
	w.begin(&foot, "PageNumber", "")
	w.field(&foot, "PAGE")
	w.run(&foot, doc.Inline{Text: " / "})
	w.field(&foot, "NUMPAGES")
	foot.put(`</w:p></w:ftr>`)
	fs := foot.files("word/", "footer1.xml")
	if w.Warning == "" {
		return fs
	}
	head.put(`<w:hdr ` + namespaces + `>`)
	w.begin(&head, "Warning", "")
	w.run(&head, doc.Inline{Text: w.Warning})
	head.put(`</w:p></w:hdr>`)
	return append(fs, head.files("word/", "header1.xml")...)
}

func (w *writer) field(p *part, name string) {
	p.put(`<w:fldSimple w:instr=" %s "><w:r>%s<w:t>1</w:t></w:r></w:fldSimple>`, name, w.onlyRTL(`<w:rPr><w:rtl/></w:rPr>`))
}
