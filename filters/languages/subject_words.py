"""Words of problems and proofs in seven languages: weaker evidence, since such words travel.

Each row is one idea in English, Spanish, French, German, Italian, Portuguese and Dutch; what two languages
spell alike belongs to both. One such word says nothing alone; two in one clause do.
"""

from __future__ import annotations

COLUMNS = ("en", "es", "fr", "de", "it", "pt", "nl")

_TABLE = """
    suffices enough sufficient | basta bastan suficiente | suffit suffisent suffisant | genügt genügen reicht ausreichend | basta bastano sufficiente | basta bastam suficiente | volstaat voldoende
    case cases | caso casos | cas | fall fälle fällen | caso casi | caso casos | geval gevallen
    symmetry | simetría | symétrie | symmetrie symmetriegründen | simmetria | simetria | symmetrie
    remainder | resto residuo | reste | rest | resto | resto | rest
    division | división | division | division | divisione | divisão | deling
    value values | valor valores | valeur valeurs | wert werte werten | valore valori | valor valores | waarde waarden
    length lengths | longitud longitudes | longueur longueurs | länge längen | lunghezza lunghezze | comprimento comprimentos | lengte lengtes
    width height | anchura ancho altura | largeur hauteur | breite höhe | larghezza altezza | largura altura | breedte hoogte
    area surface | área superficie | aire surface superficie | fläche flächen flächeninhalt | area superficie | área superfície | oppervlakte
    side sides | lado lados | côté côtés | seite seiten | lato lati | lado lados | zijde zijden
    angle angles | ángulo ángulos | angle angles | winkel winkeln | angolo angoli | ângulo ângulos | hoek hoeken
    triangle triangles | triángulo triángulos | triangle triangles | dreieck dreiecke dreiecks | triangolo triangoli | triângulo triângulos | driehoek driehoeken
    circle circles | círculo circunferencia | cercle cercles | kreis kreise | cerchio circonferenza | círculo circunferência | cirkel cirkels
    equation equations | ecuación ecuaciones | équation équations | gleichung gleichungen | equazione equazioni | equação equações | vergelijking vergelijkingen
    unknown unknowns | incógnita incógnitas | inconnue inconnues | unbekannte unbekannten | incognita incognite | incógnita incógnitas | onbekende onbekenden
    solution solutions | solución soluciones | solution solutions | lösung lösungen | soluzione soluzioni | solução soluções | oplossing oplossingen
    statement | enunciado | énoncé | aufgabenstellung | enunciato testo | enunciado | opgave
    theorem | teorema | théorème | satz | teorema | teorema | stelling
    proof proofs | demostración prueba | preuve démonstration | beweis beweise | dimostrazione prova | demonstração prova | bewijs
    sum sums | suma sumas | somme sommes | summe summen | somma somme | soma somas | som
    product products | producto productos | produit produits | produkt produkte | prodotto prodotti | produto produtos | product producten
    difference | diferencia | différence | unterschied differenz | differenza | diferença | verschil
    ratio | razón proporción | rapport | verhältnis | rapporto | razão proporção | verhouding
    average | promedio media | moyenne | durchschnitt mittelwert | media | média | gemiddelde
    percent percentage | porcentaje ciento | pourcentage cent | prozent | percentuale cento | porcentagem cento | procent
    integer integers | entero enteros | entier entiers | ganze ganzzahl | intero interi | inteiro inteiros | geheel gehele
    prime primes | primo primos | premier premiers | primzahl primzahlen | primo primi | primo primos | priemgetal priemgetallen
    even odd | par pares impar impares | pair pairs impair impairs | gerade geraden ungerade | pari dispari | par pares ímpar ímpares | even oneven
    positive negative | positivo positiva negativo negativa positivos | positif positive négatif négative positifs | positiv positive negativ negative | positivo positiva negativo negativa positivi | positivo positiva negativo negativa positivos | positief positieve negatief
    condition conditions | condición condiciones | condition conditions | bedingung bedingungen | condizione condizioni | condição condições | voorwaarde voorwaarden
    structure | estructura | structure | aufbau struktur | struttura | estrutura | opbouw structuur
    clear clearer | clara claras | clair claire clairs | klar klarer deutlich | chiaro chiara chiare | clara claras | duidelijk duidelijker
    easy simple | fácil fáciles sencillo sencilla | facile simple simples | leicht einfach | facile semplice | fácil simples | makkelijk gemakkelijk eenvoudig
    small smaller | pequeño pequeña pequeños pequeñas | petit petite petits petites | klein kleine kleinen kleiner | piccolo piccola piccoli piccole | pequeno pequena pequenos pequenas | klein kleine kleiner
    large larger big bigger | grande grandes | grand grande grands grandes | groß große großen größer | grande grandi | grande grandes | groot grote groter
    long short | largo larga corto corta | long longue court courte | lang lange kurz kurze | lungo lunga breve corto | longo longa curto curta | lang lange kort korte
    quick fast slow | rápido rápida lento | rapide rapides lent lente | schnell schnelle langsam | veloce rapido rapida lento | rápido rápida lento | snel snelle langzaam
    new old | nuevo nueva viejo | nouveau nouvelle vieux | neu neue neuen alt alte | nuovo nuova vecchio | novo nova velho | nieuw nieuwe oud oude
    same similar different | semejante diferente diferentes distinto distinta distintos | semblable différent différente différents | ähnlich verschieden verschiedene unterschiedlich | simile simili diverso diversa diversi | semelhante diferente diferentes | gelijkvormig verschillend verschillende
    beginning start end | principio comienzo inicio final | début départ fin | anfang beginn ende | inizio principio fine | começo início fim | begin einde
    minute minutes | minuto minutos | minute minutes | minute minuten | minuto minuti | minuto minutos | minuut minuten
    hour hours | hora horas | heure heures | stunde stunden | ora ore | hora horas | uur uren
    day days week weeks | día días semana semanas | jour jours semaine semaines | tag tage tagen woche wochen | giorno giorni settimana settimane | dia dias semana semanas | dag dagen week weken
    month months year years | mes meses año años | mois année années ans | monat monate jahr jahre jahren | mese mesi anno anni | mês meses ano anos | maand maanden jaar jaren
    water tank litres liters | agua depósito tanque litros | eau cuve réservoir litres | wasser tank liter | acqua serbatoio litri | água tanque litros | water tank liter
    book books shelf shelves | libro libros estante estantes | livre livres étagère étagères | buch bücher regal regale regalen | libro libri scaffale scaffali | livro livros prateleira prateleiras | boek boeken plank planken
    contains contain | contiene contienen | contient contiennent | enthält enthalten befinden | contiene contengono | contém contêm | bevat bevatten
    sells sold buys bought | vende venden vendió compra compran compró | vend vendent vendu achète achètent acheté | verkauft verkaufen kauft kaufen gekauft | vende vendono venduto compra comprano comprato | vende vendem vendeu compra compram comprou | verkoopt verkopen koopt kopen gekocht
    costs cost price prices | cuesta cuestan precio precios | coûte coûtent prix | kostet kosten preis preise | costa costano prezzo prezzi | custa custam preço preços | kost kosten prijs prijzen
    money | dinero | argent | geld | soldi denaro | dinheiro | geld
    earns pays paid spend | gana ganan paga pagan pagar gasta | gagne gagnent paie paye payer dépense | verdient verdienen zahlt bezahlt bezahlen ausgeben | guadagna guadagnano paga pagano pagare spende | ganha ganham paga pagam pagar gasta | verdient verdienen betaalt betalen uitgeven
    man woman child children | hombre mujer niño niña niños | homme femme enfant enfants | mann frau kind kinder kindern | uomo donna bambino bambini | homem mulher criança crianças | man vrouw kind kinderen
    friend friends people person persons | amigo amigos gente persona personas | ami amis gens personne personnes | freund freunde leute person personen | amico amici gente persona persone | amigo amigos gente pessoa pessoas | vriend vrienden mensen persoon personen
    school house home | escuela casa | école maison | schule haus hause | scuola casa | escola casa | school huis
    train bus car | tren coche autobús | train voiture | zug auto wagen | treno macchina | trem carro ônibus | trein auto
    road distance speed | camino distancia velocidad | chemin route distance vitesse | straße weg entfernung strecke geschwindigkeit | strada distanza velocità | caminho estrada distância velocidade | weg afstand snelheid
    goes leaves arrives | sale salen llega llegan | part partent arrive arrivent | fährt fahren kommt ankommt | parte partono arriva arrivano | sai saem chega chegam | vertrekt komt aankomt
    step steps | paso pasos | étape étapes | schritt schritte schritten | passo passi passaggio | passo passos | stap stappen
    formula | fórmula | formule | formel | formula | fórmula | formule
    figure picture table | figura dibujo tabla | figure dessin tableau | figur bild zeichnung tabelle | figura disegno tabella | figura desenho tabela | figuur tekening tabel
    line point points | línea punto puntos | ligne droite point points | linie punkt punkte | linea retta punto punti | linha ponto pontos | lijn punt punten
    row column | fila columna | rangée colonne | zeile reihe spalte | riga colonna | linha coluna fileira | rij kolom
    set sequence | conjunto sucesión secuencia | ensemble suite | menge folge | insieme successione | conjunto sequência | verzameling rij
    function | función | fonction | funktion | funzione | função | functie
    bound limit | cota límite | borne limite | schranke grenze grenzwert | limite stima | cota limite | grens limiet
    greater less than | mayor menor | supérieur supérieure inférieur plus grand | größer kleiner | maggiore minore | maior menor | groter kleiner
    increases decreases | aumenta disminuye | augmente diminue | steigt sinkt wächst | aumenta diminuisce | aumenta diminui | stijgt daalt
    true false | verdadero falso falsa | vraie fausse | wahr falsch | vero falso falsa | verdadeiro falso falsa | waar onwaar
    sure certain | seguro segura | sûr sûre certain | sicher | sicuro sicura | seguro segura certeza | zeker
    convinced | convencido convencida | convaincu convaincue | überzeugt | convinto convinta | convencido convencida | overtuigd
    expected | esperaba esperado | prévu attendu | erwartet | previsto atteso | esperava esperado | verwacht
    improve better best | mejorar mejor | améliorer meilleur meilleure mieux | verbessern besser beste | migliorare migliore meglio | melhorar melhor | verbeteren beter
    careful attention | cuidado atención | attention | vorsicht achtung | attenzione | cuidado atenção | voorzichtig
    mistake error | error equivocación | erreur | fehler | errore | erro | fout
    exact exactly | exacto exacta | exact exacte | exakt | esatto esatta | exato exata | exact
    possible impossible | posible imposible | possible impossible | möglich unmöglich | possibile impossibile | possível impossível | mogelijk onmogelijk
    necessary | necesario necesaria | nécessaire | nötig notwendig | necessario necessaria | necessário necessária | noodzakelijk
    given known | dado dada dados conocido | donné donnée données connu | gegeben gegebenen bekannt | dato data dati noto | dado dada dados conhecido | gegeven bekend
    counted count counts | cuenta cuentan contar contamos | compte comptent compter comptons | zählen zählt gezählt zähle | conta contano contare contiamo contata | conta contam contar contamos contado | telt geteld
    writing written write | escribir escribimos escrito escribiendo | écrire écrivons écrit écrivant | schreiben schreibt geschrieben schreibe | scrivere scriviamo scritto scrivendo | escrever escrevemos escrito escrevendo | schrijven schrijft geschreven
    read reading | leer leí leo | lire lu relis relire | lesen gelesen lese | leggere letto leggo | ler li lido lendo | lezen gelezen lees
    understand | entender entiendo | comprendre comprends | verstehen verstehe | capire capisco | entender entendo | begrijpen begrijp
    draw drawing | dibujar dibujo | dessiner tracer | zeichnen zeichne | disegnare disegno | desenhar desenho | tekenen
    put place puts | poner pongo pone ponemos | mettre mets place | stellen stelle legen | mettere metto poniamo | colocar coloco pôr | zetten zet leggen
    wrong odd strange | mal error raro | faux bizarre étrange cloche | verkehrt komisch seltsam | sbagliato strano | errado errada estranho | verkeerd vreemd
    guest guests team | invitado invitados equipo | invité invités équipe | gast gäste mannschaft | invitato invitati squadra | convidado convidados time equipe | gast gasten ploeg
    apples eggs dogs animals | manzanas huevos perros animales | pommes œufs chiens animaux | äpfel eier hunde tiere | mele uova cani animali | maçãs ovos cachorros animais | appels eieren honden dieren
    box boxes bag | caja cajas bolsa | boîte boîtes sac | kiste kisten schachtel | scatola scatole borsa | caixa caixas sacola | doos dozen
    each altogether | conjunto juntos juntas | ensemble chacune | zusammen | insieme ciascuno | juntos juntas | samen
    twice double triple | doble triple | double triple | doppelt doppelte dreifach | doppio triplo | dobro triplo | dubbel driemaal
"""


def _read_table() -> dict[str, str]:
    found: dict[str, list[str]] = {language: [] for language in COLUMNS}
    for row in _TABLE.strip().splitlines():
        for language, words in zip(COLUMNS, row.split("|"), strict=True):
            found[language].append(words)
    return {language: " ".join(words) for language, words in found.items()}


SUBJECT_WORDS: dict[str, str] = _read_table()
"""The words of each language, blank between them."""
