"""Common words of the languages written in Latin letters: what tells them apart in a short clause.

The lists are written for this project: function words, connectives and the verbs of somebody who thinks
aloud about a problem. A word in two lists belongs to both; words that belong to a language whose list does
not name them (English `also`, `die`, `come`) are in `ALSO`. Names and the words of formulas are in `NEUTRAL`.
"""

from __future__ import annotations

COMMON_WORDS: dict[str, str] = {
    "en": """
        the be is are was were been being am have has had having do does did done doing will would shall should
        can could may might must a an and or but nor so yet if then else because since although though while
        whereas unless until when whenever where wherever whether which who whom whose what why how that this
        these those there here it its itself he him his she her hers they them their theirs themselves we us our
        ours ourselves you your yours i me my mine myself not no yes never always often sometimes again still
        already just only even also too very much many more most less least few fewer some any every each all
        both either neither none other another same such own of in on at by for from with without within into
        onto to toward towards up down out off over under above below between among through during before after
        about against around near upon per via than as like let's let lets get gets got getting give gives gave
        given take takes took taken make makes made find finds found see sees saw seen know knows knew known
        think thinks thought need needs needed want wants use uses used using check checks checked try tries
        tried remember remembers remembered guess believe correctly look looks looked looking mean means meant
        say says said tell tells told ask asks asked go goes
        going went gone come comes came put keep keeps kept start starts started begin begins seem seems seemed
        work works worked call called show shows shown prove proves follow follows following add adds added
        adding subtract subtracting multiply multiplying divide dividing compute computing calculate calculating
        substitute substituting solve solving simplify simplifying rewrite consider considering suppose assume
        assuming conclude denote note recall notice observe verify therefore thus hence however moreover
        furthermore nevertheless otherwise instead finally first firstly second secondly third next now
        meanwhile alternatively actually really basically indeed maybe perhaps probably certainly clearly
        obviously right wrong correct okay ok well wait hold hmm yeah sure good great first last one two three
        four five six seven eight nine ten answer question problem way ways thing things something anything
        nothing everything someone number numbers equal equals total whole half each left both exactly
        approximately simply directly carefully together enough rather quite almost across along behind beyond anyway
        don't doesn't isn't aren't can't won't didn't wasn't couldn't shouldn't that's it's there's what's i'm
        i'll i've we're we'll we've they're you're
    """,
    "es": """
        el la los las un una unos unas lo al del de a ante bajo con contra desde durante en entre hacia hasta
        para por según sin sobre tras y e o u ni que pero sino aunque porque pues como cuando cuanto cuánto
        donde dónde quien quién quienes cual cuál cuales cuáles cuyo cuya qué cómo cuándo si sí no ya aún
        todavía también tampoco siempre nunca jamás muy más menos mucho mucha muchos muchas poco pocos pocas
        tan tanto tanta tantos todo toda todos todas otro otra otros otras mismo misma mismos cada algún alguna
        algunos algunas ningún ninguna algo nada alguien este esta estos estas ese esa esos esas esto eso
        aquello aquí ahí allí ahora entonces luego después antes hoy yo tú él ella ellos ellas nosotros usted
        ustedes me te se nos le les su sus mi mis nuestro nuestra nuestros es son era eran fue fueron ser sido
        siendo está están estaba estar hay había haber he ha han hemos tiene tienen tenemos tener tengo tenía
        puede pueden podemos podría puedo debe deben debemos debería hacer hace hacemos hago hizo dice dicen
        decir digamos ver vemos veamos veo vamos voy va ir dar da dan damos saber sé sabemos quiere quiero
        queremos encontrar encontramos encuentro obtener obtenemos obtiene obtengo calcular calculamos
        calculemos calculo sumar sumamos restar restamos multiplicar multiplicamos dividir dividimos comprobar
        comprobemos compruebo verificar verificamos sustituir sustituimos sustituyendo resolver resolvemos
        además sin embargo así tal vez quizás quizá tanto mientras espera esperen bueno bien claro vale primero
        primeramente segundo tercero último finalmente siguiente ambos ambas dos tres cuatro cinco seis siete
        ocho nueve diez ejemplo respuesta pregunta número números igual mitad cantidad veces cosa cosas manera
        forma queda quedan falta suma resta parece supongamos sea sean necesito necesitamos intentar intentemos
        probemos pensar pensemos pienso decimos significa cierto correcto correcta
    """,
    "fr": """
        le la les un une des du de au aux à en dans sur sous avec sans pour par vers chez entre contre depuis
        pendant avant après et ou où mais donc or ni car que qui quoi dont lequel laquelle lesquels quand comme
        comment pourquoi combien si ne pas plus moins très trop peu beaucoup assez aussi encore toujours jamais
        déjà puis ensuite enfin alors ainsi cependant pourtant toutefois néanmoins parce puisque lorsque tandis
        afin sinon je tu il elle on nous vous ils elles me te se lui leur leurs moi toi soi mon ma mes ton ta
        tes son sa ses notre nos votre vos ce cet cette ces cela ceci ça c'est qu'il qu'elle qu'on n'est d'un
        d'une l'on j'ai s'il est sont était étaient être été étant suis sommes êtes sera serait soit soient a
        ont avait avons avez avoir ai aura aurait eu fait font faire faisons faut fallait faudrait peut peuvent
        pouvons pourrait pourrais pouvoir peux doit doivent devons devrait devoir dois va vont allons vais aller
        voir voyons voit vois sait savons savoir sais dit dire disons veut voulons vouloir trouve trouvons
        trouver obtient obtenons obtenir calculer calculons calcule ajouter ajoutons soustraire multiplier
        multiplions diviser divisons vérifier vérifions vérifie remplacer remplaçons résoudre résolvons
        supposer supposons pensons pense penser attends attendez attendons essayons essayer essaie voilà voici
        ici là maintenant d'abord premièrement premier première deuxième dernier dernière tout toute tous toutes
        autre autres même mêmes chaque quel quelle quels quelles quelque quelques aucun aucune rien chacun
        plusieurs certains certaines tel telle deux trois quatre cinq six sept huit neuf dix exemple réponse
        question problème nombre nombres égal égale moitié fois chose choses façon manière reste restent
        manque semble peut-être bien bon bonne d'accord oui non juste faux vrai vraiment seulement simplement
        exactement également effectivement finalement autrement plutôt c'est-à-dire ailleurs soient posons
        montrons conclut concluons puisse vaut
    """,
    "de": """
        der die das den dem des ein eine einen einem einer eines kein keine keinen keiner und oder aber denn
        sondern doch wenn weil dass daß da ob als wie wo wann warum wieso wer wen wem was welche welcher welches
        welchen wobei wodurch damit daher darum deshalb deswegen somit folglich also dann danach davor dabei
        dazu dafür dadurch darauf daraus darin davon hier dort jetzt nun noch schon nur auch sehr mehr weniger
        viel viele vielen wenig etwas nichts alles alle allen aller jeder jede jedes jeden jedem beide beiden
        andere anderen anderer anders gleich gleiche gleichen selbst ich du er sie es wir ihr mich mir dich dir
        ihn ihm ihnen uns euch sich mein meine dein sein seine seinen ihre ihren ihrer unser unsere dieser diese
        dieses diesen diesem jener man ist sind war waren bin bist wird werden wurde wurden worden würde würden
        sei seien gewesen hat haben habe hatte hatten hätte hätten gibt gab gäbe kann können könnte könnten
        konnte muss müssen müsste musste soll sollen sollte darf dürfen mag möchte will wollen lassen lässt
        macht machen mache gemacht geht gehen sehen sieht sehe sagen sagt finde finden findet ergibt erhalten
        erhält erhalte bekommen bekomme folgt gilt gelten heißt bedeutet bleibt bleiben rechnen rechne berechnen
        berechne addieren subtrahieren multiplizieren multipliziert dividieren prüfen prüfe überprüfen überprüfe
        setzen setze setzt einsetzen lösen löse zeigen nehmen nehme angenommen versuchen versuche denke denken
        weiß wissen brauche brauchen nicht nie niemals immer oft wieder vielleicht natürlich tatsächlich
        eigentlich wirklich allerdings jedoch trotzdem außerdem zuerst zunächst schließlich zuletzt endlich
        erstens zweitens andererseits moment warte halt genau richtig falsch gut ja nein mit ohne für gegen um
        durch bei nach vor seit von aus zu zum zur im am ins vom beim auf an in über unter zwischen neben hinter
        während wegen bis zwei drei vier fünf sechs sieben acht neun zehn erste ersten zweite zweiten dritte
        letzte beispiel antwort frage aufgabe zahl zahlen hälfte mal weise insgesamt jeweils genug fast ganz
        überhaupt sodass bevor nachdem obwohl falls zwar überall nämlich hingegen dennoch indem zudem überdies
    """,
    "it": """
        il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla
        dai dalle in nel nello nella nei negli nelle con su sul sulla sui sulle per tra fra e ed o oppure ma
        però anche che chi cui quale quali quando quanto quanta quanti quante come dove perché poiché siccome
        se non né più meno molto molta molti molte poco pochi tanto tanti troppo ancora già sempre mai mentre
        dunque quindi perciò allora poi dopo prima infine inoltre tuttavia invece comunque infatti ovvero cioè
        ossia sebbene affinché io tu lui lei noi voi loro mi ti si ci vi ne mio mia tuo suo sua suoi sue nostro
        nostra questo questa questi queste quello quella quelli quelle ciò è sono sei siamo siete era erano
        essere stato stata stati sia siano sarà sarebbe ho hai ha abbiamo avete hanno avere aveva avevano può
        posso possiamo possono potrebbe potremmo deve devo dobbiamo devono dovrebbe fare fa faccio facciamo
        fanno fatto dire dice diciamo dico vedere vediamo vedo va vado andiamo dare dà danno sapere so sappiamo
        vuole voglio vogliamo trovare trova troviamo ottenere otteniamo ottiene ottengo calcolare calcoliamo
        calcolo aggiungere aggiungiamo sommare sommiamo sottrarre sottraiamo moltiplicare moltiplichiamo
        dividere dividiamo verificare verifichiamo controllare controlliamo ricontrollo sostituire sostituendo
        risolvere risolviamo supponiamo proviamo provare pensare penso pensiamo aspetta aspettate bene certo
        forse ora adesso qui lì tutto tutta tutti tutte altro altra altri altre stesso stessa stessi ogni
        ognuno ciascuno ciascuna alcuni alcune qualche nessun nessuno nessuna niente nulla qualcosa entrambi
        due tre quattro cinque sei sette otto nove dieci primo secondo terzo ultimo esempio risposta domanda
        problema numero numeri uguale metà volte cosa cose modo rimane rimangono resta restano manca sembra
        significa giusto sbagliato corretto così sì ecco davvero soltanto solo esattamente semplicemente
        finalmente abbastanza bisogna dell'altro l'altro c'è cos'è dall'altra nell'equazione quest'ultimo
    """,
    "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas num numa ao aos à às por pelo pela pelos
        pelas para pra com sem sob sobre entre até desde contra após durante e ou mas porém contudo todavia
        entretanto que quem qual quais quando quanto quantos quantas como onde porque pois se não sim já ainda
        também sempre nunca muito muita muitos muitas pouco poucos mais menos tão tanto tantos todo toda todos
        todas outro outra outros outras mesmo mesma mesmos cada algum alguma alguns algumas nenhum nenhuma algo
        nada alguém este esta estes estas esse essa esses essas isto isso aquilo aquele aquela aqui ali lá
        agora então logo depois antes assim portanto além disso enquanto embora eu tu ele ela eles elas nós
        você vocês me te lhe lhes seu sua seus suas meu minha nosso nossa é são era eram foi foram ser sido
        sendo está estão estava estar há havia haver tem têm temos ter tenho tinha pode podem podemos poderia
        posso deve devem devemos deveria fazer faz fazemos faço fez diz dizem dizer digamos ver vemos vejamos
        vejo vamos vou vai ir dar dá dão damos saber sei sabemos quer quero queremos encontrar encontramos
        encontro obter obtemos obtém obtenho calcular calculamos calculemos somar somamos subtrair subtraímos
        multiplicar multiplicamos dividir dividimos verificar verificamos verifico conferir confiro substituir
        substituindo resolver resolvemos suponha suponhamos seja sejam preciso precisamos espera espere bom
        bem certo claro talvez primeiro segundo terceiro último finalmente próximo ambos ambas dois duas três
        quatro cinco seis sete oito nove dez exemplo resposta pergunta questão número números igual metade
        quantidade vezes coisa coisas maneira forma sobra sobram resta falta soma parece tentar tentemos pensar
        penso significa correto correta apenas somente exatamente realmente ninguém deles delas nele nela dele
        dela disto nisso
    """,
    "nl": """
        de het een en of maar want dus omdat doordat zodat dat dit die deze wat wie waar wanneer waarom hoe welke
        welk als dan toen terwijl hoewel tenzij indien ik jij je hij zij ze wij we jullie mij me hem haar ons
        onze hun hen mijn jouw zijn is was waren ben bent wordt worden werd werden geworden geweest heeft hebben
        heb had hadden kan kunnen kon konden moet moeten moest zal zullen zou zouden mag mogen wil willen gaat
        gaan ga doen doet doe gedaan maken maakt maak zien ziet zie zeggen zegt vinden vindt vind geeft geven
        krijgen krijgt krijg weten weet blijft blijven betekent volgt geldt rekenen reken bereken berekenen
        optellen tel aftrekken vermenigvuldigen vermenigvuldig delen deel controleren controleer invullen vul
        oplossen stel veronderstel probeer proberen denk denken wacht even laten laat kijken kijk nodig niet
        geen nooit altijd vaak weer nog al ook alleen slechts zeer heel veel weinig meer minder iets niets alles
        alle allemaal elk elke ieder iedere beide andere ander anders zelf zelfde dezelfde hetzelfde hier daar
        er nu eerst daarna vervolgens tenslotte uiteindelijk daarom echter bovendien misschien natuurlijk
        eigenlijk inderdaad toch immers namelijk oftewel in op aan bij met zonder voor tegen door naar van uit
        te tot om over onder tussen naast achter tijdens sinds vanaf per twee drie vier vijf zes zeven acht negen
        tien eerste tweede derde laatste voorbeeld antwoord vraag opgave getal getallen gelijk helft keer totaal
        manier juist klopt precies goed fout ja nee oké genoeg bijna ongeveer
    """,
    "vi": """
        và hoặc nhưng mà nên vì bởi do đó thì là của cho với trong ngoài trên dưới từ đến tới bằng về theo như
        nếu khi để được bị có không chưa đã đang sẽ vẫn còn cũng chỉ rất quá hơn nhất các những mỗi mọi tất cả
        này kia đây đấy ấy nào gì ai đâu sao thế vậy tôi ta chúng mình bạn anh chị họ nó ông bà số một hai ba
        bốn năm sáu bảy tám chín mười đầu tiên sau trước tiếp cuối cùng tuy nhiên do vậy suy ra giả sử gọi đặt
        xét tính cộng trừ nhân chia thay vào giải tìm kiểm lại phép tổng hiệu tích thương giá trị bài toán đáp
        án câu hỏi trả lời phải cần hãy thử xem biết thấy nghĩ đúng sai khoan chờ đợi có lẽ thực ra thật chắc
        chắn ngoài ra hơn nữa mặt khác nghĩa tức lần cách người nhiều ít bao nhiêu mấy nửa đều bằng lúc giờ
        ngày vì vậy bởi vì cho nên trong khi mặc dù
    """,
    "tr": """
        ve veya ama fakat ancak çünkü için ile gibi kadar göre sonra önce bu şu o bunu bunun şimdi burada orada
        bir iki üç dört beş altı yedi sekiz dokuz on her hiç bazı tüm bütün çok az daha en değil var yok evet
        hayır ne neden nasıl niye kim hangi nerede ben sen biz siz onlar benim senin bizim onun olarak olan olur
        oldu olduğu olduğunu olması olmalı olduğundan ise yani eğer ki mi mı mu mü da de öyleyse dolayısıyla
        böylece belki tamam önemli bulmak bulmamız buluruz elde ederiz hesaplayalım kontrol edelim tekrar
        toplam çarpı bölü eksi artı soru cevap sayı sayısı değer değeri gerekiyor lazım başka aynı ilk son
        bekle dakika doğru yanlış üzere rağmen ayrıca
    """,
    "pl": """
        i a oraz lub albo ale lecz więc zatem dlatego ponieważ bo że żeby aby jeśli jeżeli gdy kiedy gdzie jak
        jaki jaka jakie który która które którego co kto czy nie tak już jeszcze też także tylko bardzo więcej
        mniej jest są był była było były być będzie będą ma mają mamy mam można może mogą możemy musi musimy
        trzeba należy w we na do z ze od po pod nad przy przed przez dla bez między ten ta to te tego tej tym
        tych ja ty on ona ono my wy oni się mnie mu jego jej ich nas nam swój swoje każdy każda każde wszystkie
        wszystko inny inne sam same teraz tutaj potem najpierw następnie wreszcie jednak może chyba obliczmy
        obliczamy sprawdźmy sprawdzam otrzymujemy dodajemy odejmujemy mnożymy dzielimy załóżmy niech czyli
        wynosi wynik odpowiedź liczba liczby razem dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć
        dobrze czekaj zaraz poczekaj
    """,
    "id": """
        dan atau tetapi tapi namun karena sebab jadi maka sehingga jika kalau bila ketika saat yang ini itu
        tersebut ada adalah ialah merupakan tidak bukan belum sudah telah akan sedang masih juga hanya sangat
        lebih paling kurang di ke dari pada untuk dengan tanpa oleh dalam antara setelah sebelum kita kami saya
        aku dia mereka anda kamu apa siapa mana bagaimana mengapa berapa semua setiap beberapa banyak sedikit
        lain sama satu dua tiga empat lima enam tujuh delapan sembilan sepuluh pertama kedua ketiga terakhir
        sekarang kemudian lalu selanjutnya akhirnya sebenarnya mungkin tentu benar salah tunggu mari hitung
        menghitung periksa jumlah jumlahnya hasil hasilnya nilai jawaban soal bilangan angka misalkan anggap
        dapat bisa harus perlu menjadi diperoleh didapat dikurangi ditambah dikali dibagi oleh
    """,
    "sv": """
        och eller men att som det den de en ett är var varit vara har hade ha blir blev kan kunde ska skulle
        måste får vill inte aldrig alltid också bara mycket mer mindre på i av för med utan till från under över
        mellan efter innan om när där här hur vad vem vilken vilket varför eftersom därför alltså så då nu sedan
        först slutligen jag du han hon vi ni mig dig oss dem sig min mitt mina din sin sitt sina deras varje
        alla allt andra samma två tre fyra fem sex sju åtta nio tio svar svaret fråga tal talet antal antalet
        lika hälften vänta kanske dock räkna beräkna kontrollera låt oss får vi
    """,
}
