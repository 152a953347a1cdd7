"""Sentences, words and traps in fourteen languages, written for this project: what `langmix` draws chains from.

They are in the style of reasoning chains and were written independently of the word lists under
`filters/languages`.
"""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "en": """
        Okay, so the farmer starts out with {a} sheep and sells {b} of them at the market.
        Hmm, that can't be right, since the total may not exceed {c}.
        Writing the condition as $x^2-{a}x+{b}=0$ makes the structure much clearer.
        Each of the {b} shelves holds {a} books, which brings us to {c} books altogether.
        Perhaps I misread the statement, so I'd better go back to the beginning.
        The remainder on division by {b} turns out to be {a}.
        If every guest shakes hands with every other guest, we count each handshake twice.
        After {a} minutes the tank contains {c} litres of water.
        What remains is the easy part: plug in {a} and see what happens.
        By symmetry it is enough to treat the case where $a \\le b$.
        A quick sanity check with small values gives {a}, exactly as expected.
        I am now convinced that the bound cannot be improved any further.
    """,
    "zh": """
        题目说农夫一开始有{a}只羊，后来卖掉了{b}只。
        这样算下去好像不太对劲，总数不可能超过{c}。
        把条件写成 $x^2-{a}x+{b}=0$ 之后，结构就清楚多了。
        每个书架放{a}本书，{b}个书架一共是{c}本。
        也许是我看错了题，回头再看一遍。
        除以{b}的余数正好是{a}。
        每两个人握一次手，所以每次握手都被数了两遍。
        过了{a}分钟，水箱里还有{c}升水。
        剩下的很简单，把{a}代进去就行。
        由对称性，只要考虑 $a \\le b$ 的情形。
        用几个小数字检验，得到{a}，和预想的一样。
        现在可以确定这个界不能再改进了。
    """,
    "es": """
        Al principio el granjero tiene {a} ovejas y vende {b} en el mercado.
        Esto no me cuadra, porque el total nunca puede pasar de {c}.
        Si escribimos la condición como $x^2-{a}x+{b}=0$, todo se ve mucho más claro.
        En cada estante caben {a} libros, así que en los {b} estantes hay {c} libros.
        Quizás leí mal el enunciado; vuelvo al comienzo.
        El resto de la división entre {b} resulta ser {a}.
        Cada persona saluda a todas las demás, por lo que cada saludo se cuenta dos veces.
        Pasados {a} minutos, el depósito contiene {c} litros de agua.
        Lo que queda es fácil: pongo {a} en la fórmula y miro qué sale.
        Por simetría basta estudiar el caso $a \\le b$.
        Hago una prueba rápida con valores pequeños y da {a}, tal como esperaba.
        Ya estoy convencido de que la cota no se puede mejorar.
    """,
    "fr": """
        Au départ, le fermier possède {a} moutons et il en vend {b} au marché.
        Quelque chose cloche, car le total ne peut pas dépasser {c}.
        En écrivant la condition sous la forme $x^2-{a}x+{b}=0$, on y voit plus clair.
        Chaque étagère contient {a} livres, ce qui fait {c} livres pour les {b} étagères.
        J'ai peut-être mal lu l'énoncé, je reprends depuis le début.
        Le reste de la division par {b} est égal à {a}.
        Chaque invité serre la main de tous les autres, on compte donc chaque poignée deux fois.
        Au bout de {a} minutes, la cuve contient {c} litres d'eau.
        La suite est facile : je remplace par {a} et je regarde ce que ça donne.
        Par symétrie, il suffit de traiter le cas $a \\le b$.
        Un petit test avec de petites valeurs donne {a}, comme prévu.
        Je suis maintenant sûr que cette borne est la meilleure possible.
    """,
    "de": """
        Am Anfang besitzt der Bauer {a} Schafe und verkauft {b} davon auf dem Markt.
        Hier passt etwas nicht, denn die Summe darf {c} nicht übersteigen.
        Schreibt man die Bedingung als $x^2-{a}x+{b}=0$, wird der Aufbau viel klarer.
        In jedem Regal stehen {a} Bücher, in den {b} Regalen sind es zusammen {c}.
        Vielleicht habe ich die Aufgabe falsch gelesen, ich fange noch einmal von vorne an.
        Bei der Division durch {b} bleibt der Rest {a}.
        Jeder Gast gibt jedem anderen die Hand, deshalb zählen wir jeden Handschlag doppelt.
        Nach {a} Minuten befinden sich noch {c} Liter Wasser im Tank.
        Der Rest ist leicht: Ich setze {a} ein und schaue, was herauskommt.
        Aus Symmetriegründen genügt der Fall $a \\le b$.
        Eine kurze Probe mit kleinen Werten liefert {a}, genau wie erwartet.
        Ich bin jetzt überzeugt, dass sich die Schranke nicht verbessern lässt.
    """,
    "it": """
        All'inizio il contadino ha {a} pecore e ne vende {b} al mercato.
        Qualcosa non torna, perché il totale non può superare {c}.
        Scrivendo la condizione come $x^2-{a}x+{b}=0$ la struttura diventa molto più chiara.
        Ogni scaffale contiene {a} libri, quindi nei {b} scaffali ci sono {c} libri.
        Forse ho letto male il testo, ricomincio da capo.
        Il resto della divisione per {b} risulta {a}.
        Ciascun invitato stringe la mano a tutti gli altri, perciò ogni stretta viene contata due volte.
        Dopo {a} minuti nel serbatoio ci sono {c} litri d'acqua.
        Il resto è facile: metto {a} nella formula e guardo che cosa esce.
        Per simmetria basta considerare il caso $a \\le b$.
        Una prova veloce con valori piccoli dà {a}, proprio come previsto.
        Adesso sono convinto che il limite non si possa migliorare.
    """,
    "pt": """
        No começo o fazendeiro tem {a} ovelhas e vende {b} na feira.
        Alguma coisa está errada, pois o total não pode passar de {c}.
        Escrevendo a condição como $x^2-{a}x+{b}=0$, a estrutura fica bem mais clara.
        Cada prateleira guarda {a} livros, então nas {b} prateleiras há {c} livros.
        Talvez eu tenha lido mal o enunciado; volto ao início.
        O resto da divisão por {b} é igual a {a}.
        Cada convidado cumprimenta todos os outros, logo cada aperto de mão é contado duas vezes.
        Depois de {a} minutos o tanque contém {c} litros de água.
        O que falta é fácil: coloco {a} na fórmula e vejo o que sai.
        Por simetria, basta estudar o caso $a \\le b$.
        Um teste rápido com valores pequenos dá {a}, como eu esperava.
        Agora estou convencido de que a cota não pode ser melhorada.
    """,
    "nl": """
        In het begin heeft de boer {a} schapen en hij verkoopt er {b} op de markt.
        Dat klopt niet helemaal, want het totaal mag niet boven {c} uitkomen.
        Als we de voorwaarde schrijven als $x^2-{a}x+{b}=0$, wordt de opbouw een stuk duidelijker.
        Op elke plank staan {a} boeken, dus op de {b} planken samen {c} boeken.
        Misschien heb ik de opgave verkeerd gelezen, ik begin opnieuw.
        De rest bij deling door {b} blijkt {a} te zijn.
        Iedere gast geeft alle anderen een hand, dus we tellen elke handdruk dubbel.
        Na {a} minuten zit er nog {c} liter water in de tank.
        De rest is makkelijk: ik vul {a} in en kijk wat eruit komt.
        Wegens symmetrie is het genoeg om het geval $a \\le b$ te bekijken.
        Een snelle controle met kleine waarden geeft {a}, precies zoals verwacht.
        Ik ben er nu van overtuigd dat de grens niet beter kan.
    """,
    "ru": """
        Сначала у фермера было {a} овец, и {b} из них он продал на рынке.
        Что-то здесь не сходится, ведь сумма не может превышать {c}.
        Если записать условие в виде $x^2-{a}x+{b}=0$, всё становится гораздо понятнее.
        На каждой полке стоит {a} книг, значит на {b} полках их {c}.
        Возможно, я неправильно прочитал условие, вернусь к началу.
        Остаток от деления на {b} оказывается равен {a}.
        Каждый гость жмёт руку всем остальным, так что каждое рукопожатие посчитано дважды.
        Через {a} минут в баке остаётся {c} литров воды.
        Дальше просто: подставляю {a} и смотрю, что выйдет.
        В силу симметрии достаточно разобрать случай $a \\le b$.
        Быстрая проверка на малых числах даёт {a}, как и ожидалось.
        Теперь я уверен, что оценку нельзя улучшить.
    """,
    "ja": """
        最初、農家は{a}頭の羊を飼っていて、そのうち{b}頭を市場で売ります。
        何かがおかしいです。合計は{c}を超えないはずです。
        条件を $x^2-{a}x+{b}=0$ と書くと、構造がずっと見やすくなります。
        一つの棚に{a}冊ずつあるので、{b}個の棚では{c}冊になります。
        問題を読み間違えたかもしれないので、最初に戻ります。
        {b}で割った余りは{a}になります。
        全員が互いに握手するので、どの握手も二回数えられています。
        {a}分後、タンクには{c}リットルの水が残っています。
        残りは簡単で、{a}を式に入れて結果を見るだけです。
        対称性から、$a \\le b$ の場合だけを考えれば足ります。
        小さな値で試すと{a}となり、予想どおりでした。
        この評価はこれ以上よくできないと確信しました。
    """,
    "ko": """
        처음에 농부는 양을 {a}마리 가지고 있었고 그중 {b}마리를 시장에서 팝니다.
        뭔가 이상한데, 합은 {c}를 넘을 수 없습니다.
        조건을 $x^2-{a}x+{b}=0$ 꼴로 쓰면 구조가 훨씬 잘 보입니다.
        책꽂이마다 책이 {a}권씩 있으니 {b}개에는 모두 {c}권이 있습니다.
        문제를 잘못 읽었을 수도 있으니 처음으로 돌아갑니다.
        {b}로 나눈 나머지는 {a}입니다.
        모든 손님이 서로 악수하므로 악수 한 번을 두 번씩 센 셈입니다.
        {a}분이 지나면 물탱크에는 물이 {c}리터 남습니다.
        나머지는 쉽습니다. {a}을 넣고 결과를 보면 됩니다.
        대칭이므로 $a \\le b$인 경우만 보면 충분합니다.
        작은 값으로 시험해 보니 예상대로 {a}이 나옵니다.
        이제 이 한계를 더 줄일 수 없다는 확신이 듭니다.
    """,
    "ar": """
        في البداية كان لدى المزارع {a} خروفًا ثم باع {b} منها في السوق.
        هناك شيء غير صحيح، فالمجموع لا يمكن أن يتجاوز {c}.
        إذا كتبنا الشرط على الصورة $x^2-{a}x+{b}=0$ صار كل شيء أوضح بكثير.
        يحمل كل رف {a} كتابًا، أي أن الرفوف كلها تحمل {c} كتابًا.
        ربما أخطأت في قراءة السؤال، سأعود إلى أوله.
        باقي القسمة على {b} يساوي {a}.
        كل ضيف يصافح جميع الضيوف الآخرين، ولهذا تُحسب كل مصافحة مرتين.
        بعد {a} دقيقة يبقى في الخزان {c} لترًا من الماء.
        ما بقي سهل: أضع {a} في العلاقة وأنظر إلى الناتج.
        بسبب التناظر يكفي أن ندرس الحالة $a \\le b$.
        تجربة سريعة بأعداد صغيرة تعطي {a} كما توقعت.
        أنا الآن متأكد من أن هذا الحد لا يمكن تحسينه.
    """,
    "hi": """
        शुरुआत में किसान के पास {a} भेड़ें थीं और उसने {b} भेड़ें बाज़ार में बेच दीं।
        यहाँ कुछ गड़बड़ है, क्योंकि कुल योग {c} से ज़्यादा नहीं हो सकता।
        शर्त को $x^2-{a}x+{b}=0$ के रूप में लिखने पर बात बहुत साफ़ हो जाती है।
        हर अलमारी में {a} किताबें हैं, इसलिए {b} अलमारियों में {c} किताबें हुईं।
        शायद मैंने प्रश्न ठीक से नहीं पढ़ा, शुरू से देखता हूँ।
        {b} से भाग देने पर शेषफल {a} आता है।
        हर मेहमान बाकी सबसे हाथ मिलाता है, इसलिए हर बार की गिनती दो बार हुई।
        {a} मिनट बाद टंकी में {c} लीटर पानी बचता है।
        बाकी काम आसान है: {a} रखकर देखते हैं कि क्या मिलता है।
        सममिति के कारण केवल $a \\le b$ वाली स्थिति देखना काफ़ी है।
        छोटे मानों से जाँचने पर {a} मिला, जैसा सोचा था।
        अब मुझे यकीन है कि यह सीमा और बेहतर नहीं हो सकती।
    """,
    "vi": """
        Lúc đầu người nông dân có {a} con cừu và bán đi {b} con ở chợ.
        Có gì đó không ổn, vì tổng số không thể vượt quá {c}.
        Viết điều kiện dưới dạng $x^2-{a}x+{b}=0$ thì mọi thứ rõ ràng hơn hẳn.
        Mỗi kệ có {a} quyển sách, vậy {b} kệ có tất cả {c} quyển.
        Có lẽ tôi đã đọc nhầm đề, quay lại từ đầu xem sao.
        Số dư khi chia cho {b} đúng bằng {a}.
        Mỗi vị khách bắt tay tất cả những người khác nên mỗi cái bắt tay bị đếm hai lần.
        Sau {a} phút trong bể còn {c} lít nước.
        Phần còn lại rất dễ: thay {a} vào rồi xem kết quả.
        Do tính đối xứng, chỉ cần xét trường hợp $a \\le b$.
        Thử nhanh với vài số nhỏ được {a}, đúng như dự đoán.
        Bây giờ tôi tin chắc rằng không thể cải thiện chặn này nữa.
    """,
}

WORDS = {
    "en": ["because", "therefore", "so", "wait", "however", "maybe", "but", "then", "actually"],
    "zh": ["因为", "所以", "等等", "但是", "那么", "也许", "然后"],
    "es": ["entonces", "porque", "además", "quizás", "por lo tanto", "ahora", "pero"],
    "fr": ["donc", "parce que", "alors", "peut-être", "maintenant", "cependant"],
    "de": ["vielleicht", "deshalb", "außerdem", "weil", "jedoch", "natürlich"],
    "it": ["quindi", "perché", "allora", "forse", "inoltre", "adesso"],
    "pt": ["então", "portanto", "talvez", "também", "agora", "mesmo assim"],
    "nl": ["omdat", "misschien", "daarom", "natuurlijk", "echter"],
    "ru": ["потому что", "значит", "однако", "может быть"],
    "ja": ["だから", "しかし", "たぶん", "つまり"],
    "ko": ["그래서", "하지만", "왜냐하면", "아마"],
    "ar": ["لأن", "لذلك", "ولكن", "ربما"],
    "hi": ["इसलिए", "लेकिन", "क्योंकि", "शायद"],
    "vi": ["bởi vì", "nhưng", "có lẽ", "vì vậy", "tuy nhiên"],
}

TRAPS = [
    "```python\nfor item in values:\n    # then take the largest of them\n    best = max(best, item)\n```",
    "`while left < right`",
    "$$f(x)=\\begin{cases}x^2 & \\text{if } x>0\\\\ 0 & \\text{otherwise}\\end{cases}$$",
    "(Cauchy-Schwarz)",
    "(AM-GM)",
    "https://example.org/the/first/and/the/last",
    "3x − 7 = 11\n3x = 18",
    "(«Война и мир»)",
    "(“cogito, ergo sum”)",
    "(「だから」)",
    '("porque")',
    "\\boxed{\\text{Area} = 12}",
    "| x | y |\n|---|---|\n| 1 | 2 |",
]
"""Foreign at a glance only: quotations, code, formulas, names, addresses, tables."""
