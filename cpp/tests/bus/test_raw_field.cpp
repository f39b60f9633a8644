#include "handloop/bus/raw_field.hpp"

#include <doctest/doctest.h>

#include "wire_support.hpp"

namespace handloop::testing::raw_field {
namespace {

using namespace bus;

TEST_CASE("numbers are read as their family writes them") {
  const Octets block = hex("FF FE FF FF FF 05 80 12 34");
  CHECK(decode({0, 1, Encoding::kUnsigned}, block) == 255);
  CHECK(decode({0, 1}, block) == -1);
  CHECK(decode({1, 4}, block) == -2);
  CHECK(decode({5, 2, Encoding::kSignMagnitude, 15}, block) == -5);
  CHECK(decode({7, 2, Encoding::kUnsigned, 0, true}, block) == 0x1234);
  CHECK(decode({0, 0}, block) == 0);
}

TEST_CASE("what is written is read again") {
  for (const RawField& f :
       {RawField{1, 2}, RawField{0, 4}, RawField{3, 1},
        RawField{2, 2, Encoding::kSignMagnitude, 15}, RawField{2, 2, Encoding::kSignMagnitude, 10},
        RawField{2, 2, Encoding::kTwosComplement, 0, true}}) {
    for (const std::int64_t value : {0, 1, -1, 100, -100, 127, -127}) {
      Octets block(8, 0xA5);
      encode(f, value, block);
      CHECK(decode(f, block) == value);
      for (std::size_t i = 0; i < block.size(); ++i) {
        const bool outside = i < f.offset || i >= std::size_t{f.offset} + f.size;
        if (outside) CHECK(block[i] == 0xA5);
      }
    }
  }
}

}  // namespace
}  // namespace handloop::testing::raw_field
