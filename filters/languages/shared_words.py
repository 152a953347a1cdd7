"""Words that are not evidence: those that belong to several languages, and those that belong to none.

`COMMON` in `filters.languages.common_words` names what tells languages apart; here stands what would tell them
apart wrongly.
"""

from __future__ import annotations

SHARED_WORDS: dict[str, str] = {
    "en": """
        lima sedan yang prima primo soma resolver resolvers multiplier multipliers todo todos quanta numero vara muss
        allen attends pends sean theo logo logos person till encore encores dock docks ella outro outros aura auras chia dong sang cho
        a e i o y en la de el le al an as do die come sea me no once dice son sin mas media data base formula
        problema solo pro per via sale men on or car pure plus main pour tale note fine more male pane dove tale
        also war was will wo so man hat bin gut rate stark arm hand land list kind brief gift not rat bald fast
        hell herd tag art am an in is as of over under we been had dan want door boot ten net van most wet
        even kan den dies son sang pas sale comment chose chat pain or but lit rays fort pendant tout fin font
        dont final finally central real total normal general regular simple possible double triple table example
        exact exactly question point position direction addition division fraction cosine angle cube minute
        second date age page image case cases base bases face faces mode model code codes taxi bus train metro
        version section action option notation solution relation equation plan plane place pair square large
        parallel similar factor error color motor actor doctor director vector sector era area idea extra opera
        panorama camera drama plaza vista visa diploma stage range angle ta des ad et al ex hum ha hi mi ti pi
        do re fa sol si ma pa pas set met log gel sal legal animal vital capital canal decimal digital trivial
        radical integral ideal plural oval rival local vocal global oral moral natural cultural musical national
        era cinema con contra ante pan para bis as is it ten or nor mars april august september november nu mu
        tan ton per pro sub sum sur tu ad an ens lest latter latte grand gross mine mind kid wand stern rot
        alle all also half her hem here hers hide hint hob hoe hun one oft off toe to too mag men mean met mode
        moment most mot must my nee neon net next next not now nun once ova oven over own pen per pi plot pond
        nas sob das dos fare due fin mal male mare fee sera ire sue mute dire tempo solo pronto sole dame pure
        quale lo gin san uno duo quarter trio nine venue veto lever dove lip lies gab gilt halt made make mage
        mire ore our ours pest rang rage rinse ruse sage sane sans sauce sire sort tire tome tour trace vie cent
        ruin net nape mien bras but dine dire done fond fond four gens gent gene jet lame lent lie lien loin
        mart mat mince mode mule mur nom par part pence pore pot proses rein ride robe rude sec sentence six
        stable suit table tact tard tas tic vent ver visible voile test oral eta dare vale pares ore fines fine
        tapes once red come dices arena banal brutal capa capitals cables color comas cruel error es face falsa
        fatal final fond gala genial hotel idea marina metal moral normal once pan panel par pie placer plan
        quite real regular removes rival rural sexual social son superior tan tenor total tropical usual
        vapor sein seine ungar fort stage bitten boss brand dank dick dose ehe elf end falls finger fort gang
        hose hut kind lack lager last lost minder muse mutter nest not pack patient pest pool rang rasen reich
        ring rock roman rose see silo singe stand still stock stolen tang taste tier toll ton tot uhr wage
        warm wart wetter wild wind winter wolf wunder zone list van bad bed beer bent big blanket boom boot
        brink bril crib dam deed deer dent ding doe doll door drug echo fan gas glad god gum haze heel hun kern
        ledge lied lid log mane map mild mom mug nest nut pal peer pig pit poets poker pool pot pun ramp rink
        roof room rug rust same slang slap slim slip slot smart smog snoop sober sop spot stiff stop strict
        strop student tin top trap trots tub vet wade war web wig worst wrong zeal heft of dag kit lag pad hen
        ham hare her dig sin mina sex tio tall fem under mitt ni vid ser bar
        jest jests sig saber au gibi court rest fall route sam mayor premier auto arrive arrives sept dozen pairs bizarre borne pagan
        plank liter regal time ben ed yo
    """,
    "es": """
        aura calcule calculo conferir cose espere numero ultimo pelo pelos pela prima primo realmente sobra
        sobran tentar todavia trova verifico vado vais alla preciso precisamos precisa plus reste substituir
        anda note finde compare problema idea total final base real normal fin par error factor vector era
        mal tal mi me te tu la a e o va usa usar media solo sola uno sino ten come sale sea da tan fue toma
        tomar primera segunda tercera presente clara parte partes restantes mayor menor uso caso casos donde
        no al ellas mesa mesas nota para casa dan pan mas contra sobre entre desde ante una todo algo nada
        forma otra nuevo cada cinco modo mano lado resto cuenta razón punto serie este esta tarde tiempo
        resultado después sed red salir directo usted ambos usamos se si tres sus nombre nombres casi ti vos
        has aire costa auto apenas simple próximo similar ok lima breve show dato simples previsto bus
        contado colocar certeza divide tel leo carro raro os ve sur ama mina distinto distinta formula lente
        test web dia vi aqui dias
    """,
    "fr": """
        alla allo forma logo logos onde para primo quanta resta sobre volte mari moment hier né née observe tres numero prima adore place
        correct correcte a y o son sur on or par plus pour fin tout des les la le un une non si es as ai tu me te se ma ta sa mes
        tes ses question point minute double triple total final base table page exemple simple possible notation
        solution équation relation fraction division addition position case cas date âge image place plan
        section version action direction grand grande petit petite long longue celui celle ceux celles entre
        avoir être deux trois note mode date chance chances force forme formes ligne nombre sens terme termes
        somme prix part parts côté côtés reste partie parties car den net dit des
        de du en ni ne va vu vus est jour jours mot mots cinq six dix été
        avec sans tous parfait ceci quart tiers encore encor
        pays mal mis mer sein second large bus auto sale suppose prime mine four ours média arrives notice
        assume ratio primes pari tien ci mai box team show ok okay fout appels grandi indien met ben foi uns
        due onze an ha os con su tank pair formule lente web test
    """,
    "de": """
        achter ander alleen denk dock haar kunde minder waar wacht welk manier geworden niet note vertrag begann
        so also was war will man hat die des den an in am bin gut wie wo da du er es an alle alles halt test
        plan problem formel minute position punkt linie seite winkel fall fälle zahl teil teile rest wert werte
        zug uhr zeit weg tag tage jahr art weise hand land kind linear gerade ungerade total normal real
        ab all allein als am anna ans auf bald bar bis bei bitte brief da dank der dir doppelt ganz
        dies er fast fest fort ging groß halb her hin hoch ihm in je kam klein kurz lang laut leider mal
        mehr mein minus mir nach nahe nein neu nie oben oder oft ohne paar plus pro rund schon
        seit sie so statt total trotz um und unten viel voll vom von vor was weit wenn wer wir wo zu zum zur
        per den dran drin
        team ok okay start show dar bus willen leer media cent logo set hmm check half route pommes limit
        tot live job cool fair fit web wen hunde kisten triple
    """,
    "it": """
        donde ella essa esse eran mais onde pela pelo para pero plus qual soma vale premier realmente
        verifico preciso sino tanta mese mesi sete note nota per a e i o da di in la le lo un una come sale
        solo dove quando quanto quanta tanto tanti tutto tutti era ora sei ha ho se si mi ti ci vi ne no due
        tre otto nove base formula problema idea casa caso casi totale finale media parte parti punto data
        date dire fare dare mare male fine pure tale quale modo contro sopra sotto entro oltre senza verso
        durante circa secondo terzo quarto anni anno ore minuti giorno giorni numero lato lati angolo area
        forma linea serie somma prodotto resto rapporto cinque uno alto alta alti grande grandi piccolo
        piccola cui sua suo sue mano tempo con contra al del dei nei che pro tra fra non ben bene uso usa
        usare usiamo conto conti questa ama dato dati d'un me te li quel po sa s'il sera sai ok auto vai fin
        case sé prove stelle team show tal fila ali figure set larga alte okay pone largo bus conclude
        assume false raro lire colonne tel box positive negative corta lente prime divide son su man là dia
        tengo residuo distinto distinta formule lido regale cent web test mari
    """,
    "pt": """
        nó calcule calculo come correcta correcto devo embargo manca numero penso pense pensemos prima primo
        queda quanta restamos restar reste sino suma tanta trova tras tres vale volte ultimo observe note
        une realmente calcula verifica for a e o as os de do da no na em um uma se me te tu mas mais que
        como quando quanto entre sobre para por com sem até era eram problema idea base total final normal
        real forma formas parte partes caso casos ponto pontos lado lados resto soma produto razão número
        números primeira segunda terceira metade dia dias hora horas minutos ano anos uso usa usar usamos
        usando igual maior menor cinco seis oito nove não são está só nos nas dos das vez toma tomar linha
        área ângulo média tempo nota contas este esta estes estas cada todo toda outro outra entra sai desse
        dessa deste desta num numa tal tais qual ele ela foi ser ter vir ver ir cálculo cálculos modo uns
        contra ante desde durante tem nele passa passo passos seu sua seus suas vem sul lei mal livre show
        shows ti data costa ok breve auto lima jamais né vos use bolsa livres larga fila similar assume leo
        largo vais previsto corta raro depósito divide inicio distintos distinto distinta lente ai anda lo
        si vi ora ama som dei set estante web tio
    """,
    "nl": """
        anderen beiden gilt immer lassen macht moment noch sagen viel vielen wegen wissen wollen dock begin
        start halt sein kunde all want door even tel stel will stop test de het een en of in op is was we me
        ze je had kan ten van over under per man die dit dat wat hem hun der den des pot net rest plan punt
        lijn hoek deel zijde film bus trein minuut uur jaar week dag prijs product som totaal uit om te er
        al als dan dus geen goed haar heb hier ik kon laat maar meer met mij mijn na naar niet nog nu ons
        ook pas rond samen alle alles andere anders later laten water zelf drie vier zes acht tien elf
        twaalf ben bent best bij kant kind hand land lang beste ter team media ver nam mis prima half let
        last winkel show allen ok okay leer premier rapport ton route set wagen lente taken check box cent
        correct percentage gave hmm logo stellen exacte data plus men been dans mes lui kisten integer
        triple colonne web überhaupt shows
    """,
    "vi": """
        não lá mã cá má mà bé todo check a an ba ban bi bo ca cam can cha chi cho cao con do em ga gia hai
        hay hoa la lan lo ma mai me nam nga no ta tam tan tay thu tin to trong tro tu va xe xin xanh mua bay
        sang theo ra tra vi ty long so may vai sa bom lui lang say leo tre voi soi né che ha mi ho ti co son
        sen than ni be men am kim sam da ai qua sau già tú
    """,
    "tr": """
        a ben on en de da o ne ki mi her son var ise toplam problem plan metre saat para at et ile kare
        nokta sayi yol yani tam su ona ali ele ses alt can ver din hasta mal ta dua li final tren dir tel
        dar show seven forma ler ton ba ok sam set beste borsa note limit nine tabela soma kan dan sen ada
        er ten sus han elle akan fare ya hem bin haber anda esas denk diz sait bir
    """,
    "pl": """
        jeden dni a i o to do na on by my te ten ta mu co we ale sam ma mam jest plus minus problem no nad
        pan para rok lat tak mi go ci tu sie im je ok ile one sama wie sa media moment premier moi punkt
        procent show auto data forma start logo hmm warte tel lato linie produkt li ali okay limit suma
        struktur liter sale tabela par nos ton dan sen most
    """,
    "id": """
        start problem none program a di ke ada dan lima dua tiga itu ini para data total plus minus per
        meter liter anda kami kita air ayam satu semua sama jam hari lagi soal kali ya tak kan si hai media
        positif area kim sia ga hmm bus ok final tes bin lu bom team kontrol set struktur dada ton tabel
        okay sim check mayor pagar simple bu mas es pas nada kadar senin kolom tank tren
    """,
    "sv": """
        begin all allt mer mina sina under till dock en den de han vi ni men att var min din sin i av om so
        tre fem sex over test plan problem total man sig fast dit ser och ta ja sen nog just dag er hem
        länge va sa fall sagt dagen tag person bild kort ok inne fin exakt ses bo ont delen media klar era
        dela procent personen rapport punkt prova hen start team data positiva ton positiv final hmm
        division negativa funktion delas dubbel negativ produkt alt son sur te par hat rest stunden minuten
        struktur moment
    """,
}

NEUTRAL_WORDS = frozenset(
    """
    a b c d e f g h i j k l m n o p q r s t u v w x y z de la le el al et von van der den des du di da del della
    dos das do los las y mod gcd lcm log ln exp sin cos tan cot sec csc max min sup inf lim det dim ker rank
    resolver forma okay ok hmm degli dello div grad curl arg var cov iff wlog qed resp cf eg ie etc vs per via pi phi psi chi rho tau mu nu xi eta
    sqrt frac cdot times text mathrm km cm mm kg mg ml dl cl hr min sec ft yd oz lb mph rpm usd eur gbp pro contra
    ad hoc ergo ante bona fide facto jure priori posteriori modus ponens tollens reductio absurdum ceteris
    paribus versus vice versa circa ibid idem quasi sine qua non per se in situ vivo vitro ansatz eigen
    gedankenexperiment zugzwang zeitgeist kindergarten doppelganger deja vu coup tour force raison carte blanche
    status quo à alter ego alma mater homo sapiens terra firma persona grata curriculum vitae pseudo mega ultra
    salsa taco burrito siesta fiesta patio pizza pasta piano solo soprano alto tempo allegro
    ami amis anna maria juan jose luis marie pierre jean hans karl otto max emma lena marco luca paolo sofia
    lego lotto bingo euro euros dollar yen yuan peso pesos lira rupee
    """.split()  # noqa: SIM905  a list of words reads best as words
)
"""Letters, units, names' particles, Latin and borrowed terms: evidence for no language."""

LOANWORDS = frozenset(
    """
    crudités rosé rosés apéritif apéritifs bouquet béchamel béarnaise consommé gruyère croûton croûtons rémoulade flambé flambéed
    risqué émigré émigrés habitué communiqué cortège dénouement ingénue mélange tête-à-tête maître œuvre hors d'œuvre château
    châteaux bête état détente éminence ménage señorita müsli fräulein führer smørrebrød schön größe fêtes soirée soirées
    naïve naïvely naïveté naïf café cafés cliché clichés façade façades fiancé fiancée résumé résumés rôle rôles
    élan élite vis-à-vis vis à déjà voilà über crème brûlée jalapeño jalapeños piñata piñatas señor señora
    doppelgänger smörgåsbord étale pâté fête soufflé soufflés entrée entrées sauté sautéed sautéing sautés première décor passé
    matinée protégé protégés exposé blasé crêpe crêpes açaí ångström ångströms möbius gödel poincaré frappé latté
    purée puréed éclair éclairs coöperate coördinate reëlect zoölogy noël crèche touché macramé papier-mâché
    saké pokémon pokémons mañana olé niño niña jalapeńo mädchen führer übermensch läufer zürich
    """.split()  # noqa: SIM905
)
"""Words with accents that many languages have borrowed, or that are names written small."""

ENGLISH_TERMS = frozenset(
    """
    or and not if else for in of is no yes on at by to a an as let up down out off over under per via than like
    one two three four five six seven eight nine ten first second third last next left right top add use using
    check get put set start begin find give make take see look show prove solve note call work try ask keep
    answer question problem number numbers total whole half each both equal equals all any some none other
    one's same such good great well hold sum mean way thing my me i it you we us he own up more less few only
    plus minus times between given wrong correct ok okay hmm yeah finally side with from about while do does
    return break continue true false null self class import print where when case then's follow following
    compute calculate verify substitute simplify recall observe notice denote conclude multiply divide subtract
    adding multiplying dividing subtracting computing calculating solving simplifying substituting through
    """.split()  # noqa: SIM905
)
"""English words that stand in chains of other scripts as terms, labels or code: no evidence alone there."""

NOTATION_WORDS = frozenset(
    """
    or and not if iff else for in of is to a an as i x let mod min max sum mean per by on at via one set
    """.split()  # noqa: SIM905
)
"""English words that stand between formulas in every language."""
