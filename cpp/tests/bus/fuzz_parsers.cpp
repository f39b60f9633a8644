// Byte streams that no servo ever sent, through every reader of the bus. With clang's
// -fsanitize=fuzzer this is a libFuzzer target; without, `main` makes the streams: random ones, and
// good packets with bytes flipped, lost, doubled and cut off. Run under sanitizers in CI.
#include <cstdio>
#include <cstdlib>

#include "handloop/bus/dynamixel_fast_reply.hpp"
#include "handloop/bus/dynamixel_request.hpp"
#include "handloop/bus/feetech_packet.hpp"
#include "wire_support.hpp"

namespace handloop::testing {
namespace {

using bus::Bytes;

void demand(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

std::uint64_t touch(Bytes bytes) {
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;  // so that a sanitizer sees every byte read
  return sum;
}

// The stream in pieces, as a serial port would give it. Returns how many packets were found.
template <typename Parser>
std::size_t parse(Parser& parser, Bytes stream, std::size_t piece) {
  std::size_t packets = 0, taken = 0;
  volatile std::uint64_t sum = 0;
  parser.clear();
  const auto drain = [&](bool last_call) {
    while (const auto packet = parser.next(last_call)) {
      ++packets;
      taken += packet->parameters.size();
      sum = sum + touch(packet->parameters);
    }
  };
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    demand(parser.queue().push(stream.subspan(at, std::min(piece, stream.size() - at))),
           "a queue that is read has room");
    drain(false);
  }
  drain(true);
  demand(taken <= stream.size(), "no byte is delivered twice");
  return packets;
}

void read_fast_reply(Bytes stream, std::size_t servos, std::size_t data_size) {
  using namespace bus::dynamixel;
  volatile std::uint64_t sum = 0;
  FastReply reply;
  if (!reply.begin(stream, fast_reply_length(servos, data_size))) return;
  for (std::size_t i = 0; i < servos && reply.arrived(stream, data_size); ++i) {
    if (const auto part = reply.next(stream, data_size)) sum = sum + touch(part->data);
  }
}

void run_one(Bytes input) {
  static bus::dynamixel::Parser dynamixel;
  static bus::feetech::Parser feetech;
  if (input.empty()) return;
  const Bytes stream = input.subspan(1);
  const std::size_t piece = 1 + input[0] % 64;
  parse(dynamixel, stream, piece);
  parse(feetech, stream, piece);
  read_fast_reply(stream, 1 + input[0] % 8, input[0] / 8);
}

Octets good_packets(Random& random) {
  static bus::dynamixel::PacketWriter dynamixel;
  static bus::feetech::PacketWriter feetech;
  Octets stream{static_cast<std::uint8_t>(below(random, 256))};
  const auto add = [&](Bytes packet) { stream.insert(stream.end(), packet.begin(), packet.end()); };
  for (std::size_t n = below(random, 4) + 1; n > 0; --n) {
    const Octets payload = random_octets(random, below(random, 24));
    const auto id = static_cast<std::uint8_t>(below(random, 253));
    if (random.uniform() < 0.5)
      add(bus::dynamixel::status(dynamixel, id, 0, payload));
    else
      add(bus::feetech::status(feetech, id, 0, payload));
  }
  return stream;
}

void mutate(Random& random, Octets& stream) {
  for (std::size_t n = below(random, 4); n > 0 && stream.size() > 1; --n) {
    const std::size_t at = 1 + below(random, stream.size() - 1);
    const auto here = stream.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(random, 4)) {
      case 0:
        stream[at] ^= static_cast<std::uint8_t>(1U << below(random, 8));
        break;
      case 1:
        stream.erase(here);
        break;
      case 2:
        stream.insert(here, static_cast<std::uint8_t>(below(random, 256)));
        break;
      default:
        stream.resize(at);
        break;
    }
  }
}

}  // namespace
}  // namespace handloop::testing

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  handloop::testing::run_one({data, size});
  return 0;
}

#ifndef HANDLOOP_LIBFUZZER
int main(int argc, char** argv) {
  using namespace handloop::testing;
  const long streams = argc > 1 ? std::atol(argv[1]) : 1'000'000;
  handloop::Random random(8);
  for (long n = 0; n < streams; ++n) {
    Octets stream = n % 4 == 0 ? random_octets(random, below(random, 120)) : good_packets(random);
    if (n % 4 > 1) mutate(random, stream);
    run_one(stream);
  }
  std::printf("ok: %ld damaged streams, nothing crashed, hung or was read past its end\n", streams);
}
#endif
