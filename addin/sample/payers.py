"""Who owes money to the sample company: sixty invented payers, their terms, and how they pay."""

from __future__ import annotations

from dataclasses import dataclass

# habits: prompt (on time), slow (10 to 26 days late), late (38 to 60 days late, some in two parts), part (half, then nothing), silent (nothing)
PAYERS = """
number | name                             | address                     | postal   | city          | cc | lg | cur | terms | habit  | month | typical
000104 | Menuiserie Garrigue              | 14 rue des Charpentiers     | 34000    | Montpellier   | FR | FR | EUR | 30J   | prompt | 4     | 1250
000108 | Hôtel "Les Tilleuls"             | 3 place du Marché           | 21200    | Beaune        | FR | FR | EUR | 30J   | slow   | 3     | 2480
000112 | Brasserie du Vieux Pont          | 27 quai Saint-Antoine       | 69002    | Lyon          | FR | FR | EUR | 30J   | late   | 3     | 940
000116 | Éditions de la Sorgue            | 8 impasse des Libraires     | 84000    | Avignon       | FR | FR | EUR | 45FM  | prompt | 2     | 3120
000120 | Cabinet Lefèvre & Associés       | 112 avenue de la République | 75011    | Paris         | FR | FR | EUR | 30J   | slow   | 4     | 1875
000124 | Scierie de l'Orme                | Route de Remiremont         | 88200    | Saint-Nabord  | FR | FR | EUR | 60J   | silent | 3     | 5230
000128 | Mairie de Valcombe               | Place de l'Hôtel-de-Ville   | 26400    | Valcombe      | FR | FR | EUR | 30J   | slow   | 2     | 8640
000132 | Galerie Hélène Marchetti         | 41 rue de Seine             | 75006    | Paris         | FR | FR | EUR | 30J   | part   | 2     | 6150
000136 | Boulangeries Noël et Fils        | 5 rue du Four               | 35000    | Rennes        | FR | FR | EUR | 30J   | prompt | 5     | 410
000140 | Transports Delaunay              | ZA des Trois Chênes         | 72000    | Le Mans       | FR | FR | EUR | 30J   | late   | 4     | 1390
000144 | Château Belair-Monfort           | Lieu-dit Monfort            | 33330    | Saint-Émilion | FR | FR | EUR | 45FM  | slow   | 2     | 7420
000148 | Pharmacie des Remparts           | 2 rue des Remparts          | 13200    | Arles         | FR | FR | EUR | 30J   | prompt | 2     | 215
000152 | Atelier Mézières                 | 19 rue du Canal             | 08000    | Charleville   | FR | FR | EUR | 30J   | silent | 2     | 1685
000156 | Théâtre du Lavoir                | 6 rue de la Fontaine        | 44000    | Nantes        | FR | FR | EUR | 30J   | prompt | 2     | 2900
000160 | Fleurs & Saisons                 | 33 rue Nationale            | 37000    | Tours         | FR | FR | EUR | 30J   | silent | 1     | 4
000164 | Conserverie Ker Avel             | Port de pêche               | 29900    | Concarneau    | FR | FR | EUR | 30J   | prompt | 3     | 1720
000168 | Imprimerie Saint-Éloi            | 77 boulevard Vauban         | 59800    | Lille         | FR | FR | EUR | 60J   | late   | 3     | 2260
000172 | Les Serres de Provence           | Chemin des Alpilles         | 13210    | Saint-Rémy    | FR | FR | EUR | 30J   | slow   | 3     | 875
000176 | Clinique vétérinaire du Parc     | 15 allée du Parc            | 54000    | Nancy         | FR | FR | EUR | 30J   | prompt | 2     | 640
000180 | Mobilier Coste                   | 9 rue Gambetta              | 30000    | Nîmes         | FR | FR | EUR | 45FM  | prompt | 4     | 2050
000184 | Chalets du Grand Tétras          | Route du Col                | 73120    | Courchevel    | FR | FR | EUR | 30J   | silent | 2     | 9875
000188 | École de voile des Îles          | Quai des Moulins            | 56360    | Le Palais     | FR | FR | EUR | 30J   | prompt | 1     | 1130
000204 | Müller & Söhne GmbH              | Lindenstraße 18             | 70173    | Stuttgart     | DE | DE | EUR | 30J   | slow   | 4     | 3340
000208 | Weiß Innenausbau GmbH & Co. KG   | Hafenweg 7                  | 48155    | Münster       | DE | DE | EUR | 30J   | late   | 3     | 4180
000212 | Buchhandlung Öztürk              | Kirchgasse 24               | 65183    | Wiesbaden     | DE | DE | EUR | 30J   | prompt | 2     | 520
000216 | Gästehaus Zur Mühle              | Mühlweg 1                   | 83471    | Berchtesgaden | DE | DE | EUR | 30J   | silent | 2     | 2145
000220 | Kröger Messebau AG               | Am Messeplatz 3             | 30521    | Hannover      | DE | DE | EUR | 60J   | prompt | 3     | 11250
000224 | Tischlerei Jäger                 | Dorfstraße 52               | 24937    | Flensburg     | DE | DE | EUR | 30J   | prompt | 3     | 985
000228 | Café Königshof                   | Königsallee 90              | 40212    | Düsseldorf    | DE | DE | EUR | 30J   | slow   | 2     | 730
000232 | Spedition Brüggemann             | Industriering 11            | 49393    | Lohne         | DE | DE | EUR | 30J   | part   | 3     | 1960
000236 | Optik Schäfer e. K.              | Marktplatz 6                | 97070    | Würzburg      | DE | DE | EUR | 30J   | prompt | 2     | 460
000240 | Stadtmuseum Altenbrück           | Schlossplatz 2              | 29221    | Celle         | DE | DE | EUR | 30J   | slow   | 1     | 5600
000244 | Großküchen Weber                 | Gewerbepark 14              | 01067    | Dresden       | DE | DE | EUR | 45FM  | late   | 3     | 2870
000248 | Gärtnerei Sonnenhof              | Sonnenweg 8                 | 79098    | Freiburg      | DE | DE | EUR | 30J   | prompt | 2     | 350
000304 | Harcastle & Wrenn Ltd            | 22 Tanner Row               | YO1 6JB  | York          | GB | EN | GBP | 30J   | slow   | 4     | 1840
000308 | The Old Foundry Café             | 5 Foundry Lane              | BS1 6TY  | Bristol       | GB | EN | GBP | 30J   | late   | 2     | 615
000312 | Pemberley Road Interiors         | 118 Pemberley Road          | M20 3GH  | Manchester    | GB | EN | GBP | 30J   | prompt | 3     | 2730
000316 | St Aldwyn's School               | College Lane                | OX1 4AH  | Oxford        | GB | EN | GBP | 60J   | prompt | 2     | 4425
000320 | Quayside Fixtures plc            | 9 Ferry Street              | NE1 3DX  | Newcastle     | GB | EN | GBP | 30J   | silent | 3     | 3290
000324 | O'Donoghue & Daughters           | 61 Market Street            | CF10 1BH | Cardiff       | GB | EN | GBP | 30J   | prompt | 2     | 790
000328 | Lochbrae Distillery              | Shore Road                  | PA34 4LR | Oban          | GB | EN | GBP | 30J   | slow   | 2     | 6100
000332 | Marlowe Stage Hire               | 40 Canal Walk               | CT1 2AS  | Canterbury    | GB | EN | GBP | 30J   | part   | 2     | 1275
000336 | Penrose Garden Rooms             | 3 Harbour Hill              | TR11 3QA | Falmouth      | GB | EN | GBP | 30J   | prompt | 2     | 2010
000404 | Ó Briain Joinery Ltd             | 17 Mill Street              | H91 Y2K8 | Galway        | IE | EN | EUR | 30J   | slow   | 3     | 1495
000408 | Seabright Hotels Ltd             | Strand Road                 | T12 X5F3 | Cork          | IE | EN | EUR | 30J   | late   | 2     | 5315
000412 | Doyle's of Thomas Street         | 88 Thomas Street            | D08 P2W6 | Dublin        | IE | EN | EUR | 30J   | prompt | 3     | 820
000504 | Uhren Brändli AG                 | Bahnhofstrasse 44           | 8001     | Zürich        | CH | DE | CHF | 30J   | prompt | 3     | 4870
000508 | Chocolaterie du Lac SA           | Quai du Mont-Blanc 12       | 1201     | Genève        | CH | FR | CHF | 30J   | slow   | 3     | 2260
000512 | Schreinerei Aebi GmbH            | Dorfgasse 9                 | 3011     | Bern          | CH | DE | CHF | 30J   | silent | 2     | 1780
000516 | Fromagerie des Préalpes          | Route de Bulle 31           | 1663     | Gruyères      | CH | FR | CHF | 30J   | prompt | 2     | 640
000604 | Copper Creek Outfitters Inc.     | 1450 Larimer Avenue         | 80202    | Denver        | US | EN | USD | 60J   | late   | 3     | 7350
000608 | Hudson & Vale Galleries LLC      | 212 Warren Street           | 12534    | Hudson        | US | EN | USD | 30J   | slow   | 2     | 9120
000612 | Bayou Lighting Co.               | 700 Magazine Street         | 70130    | New Orleans   | US | EN | USD | 30J   | silent | 2     | 2480
000616 | Northfield Community College     | 1 Campus Drive              | 55057    | Northfield    | US | EN | USD | 60J   | prompt | 2     | 3975
000704 | Maison Vandenbroeck SPRL         | Rue Haute 56                | 1000     | Bruxelles     | BE | FR | EUR | 30J   | slow   | 3     | 1670
000708 | Drukkerij De Sleutel BV          | Sint-Jansplein 4            | 9000     | Gent          | BE | EN | EUR | 30J   | prompt | 2     | 1120
000804 | Hanamori Interior K.K.           | 2-8-1 Higashi               | 150-0011 | Tokyo         | JP | EN | JPY | 60J   | slow   | 2     | 384000
000904 | Fjällström Möbler AB             | Storgatan 21                | 553 16   | Jönköping     | SE | EN | SEK | 30J   | silent | 1     | 23500
000912 | Entreprise Roussel (liquidation) | -                           | -        | -             | FR | FR | EUR | 30J   | silent | 2     | 1290
000916 | Vins Astruc SARL                 | 11 rue des Caves            | 11000    | Carcassonne   | FR | FR | EUR | 30J   | slow   | 2     | 3360
"""


@dataclass(frozen=True)
class Payer:
    """One payer of the sample: the columns of the table above, and the address that its accounts department reads."""

    number: str
    name: str
    address: str
    postal: str
    city: str
    country: str
    language: str
    currency: str
    terms: str
    habit: str
    invoices_per_month: int
    typical: int  # amount of a usual invoice, in whole units of the currency

    @property
    def email(self) -> str:
        """An address in the domain that is reserved for examples; none for a payer without an address."""
        desk = {"FR": "comptabilite", "DE": "buchhaltung", "EN": "accounts"}[self.language]
        return f"{desk}@payer-{self.number[3:]}.example" if self.address else ""


def payers() -> list[Payer]:
    """All payers, in the order of their numbers; a dash in the table is an empty cell."""
    lines = [[cell.strip().replace("-", "", cell.strip() == "-") for cell in line.split("|")] for line in PAYERS.strip().splitlines()[1:]]
    return [Payer(*cells[:10], invoices_per_month=int(cells[10]), typical=int(cells[11])) for cells in lines]
